"""How fast the core is, beside PyTorch, HIPS autograd, micrograd and NumPy by hand.

    uv run --group bench python -m tests.benchmarks

`works` is what is measured, written once for each side; `bench_works` times it, `beside` measures
what is no function call (memory, import), and `__main__` prints the table. The times are taken with
pytest-benchmark: asv, the other tool for this, gives each benchmark a process of its own, and so
cannot let the sides take turns on a machine whose speed drifts. In the ordinary test run no time is
taken; each work is run once, small, and has to give the same numbers on every side that is there.
"""
