"""Record what an autograd run really does, as plain data.

`events` names everything that can happen, `state` folds the events into what is true at each step,
`trace` is the record as a whole (and its JSON), `recorder` listens and writes it, and `record` begins
and ends a recording.
"""
