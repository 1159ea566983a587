"""Where `autograd_core` is held to PyTorch 2.13.0 on the CPU.

A *program* (`programs/*.py`) is a few lines that a student could type. It runs statement by
statement on both sides, and after every statement everything that can be seen is compared: what
was printed, warned and raised, and of every tensor its text, values, flags, version, gradient,
graph and aliases.

    program.py      a program: its name and its statements
    observe.py      all that can be seen of a tensor
    run.py          run a program against a module, looking after every statement
    sentences.py    the few things in a sentence that two runs may not agree on
    compare.py      where two runs differ; how near two floats have to be
    recording.py    runs of PyTorch as readable JSON, for machines without PyTorch
    oracle.py       what PyTorch does: live where it is installed, recorded elsewhere

After a change to a program: `python -m tests.parity.record` (needs PyTorch 2.13.0).
For a table of what agrees: `python -m tests.parity.report`.
"""
