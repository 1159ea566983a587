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

    vocabulary.py   what a random program may say
    random.py       random programs, on both sides at once; the recorded ones

`python -m tests.parity.random 10000` runs as many new ones. A difference that it finds becomes a named
program in `programs/regressions.py`.

Where `autograd_core` differs from PyTorch on purpose, and a random program therefore does not look:

- A fresh gradient is always memory of its own. PyTorch may let `x.grad` share the memory of the gradient
  that was given to `backward`: an accident of its reference counts. For the same reason the version
  that a gradient starts with, and whether it counts as a view, are not compared.
- The nodes of a derivative made with `create_graph` may have other names: PyTorch's C++ formulas use
  overloads (`MulBackward1`) that Python never meets. Their values are compared.
- The steps in memory of a *result* are not compared, those of views are: NumPy and PyTorch choose
  differently between operands that are laid out differently.
- What was made in inference mode may be written afterwards through PyTorch's `detach()` and `.data`; here
  this is refused as is every other write. PyTorch may also say that its version is 0.
- A saved-tensor hook runs before the operation in PyTorch, also before one that then fails.
- A hook on several tensors runs for a root that is one of them; PyTorch's counts one too few.
- PyTorch warns where a `.grad` that was assigned is laid out unlike its tensor; here no layout is slow.
- Memory in which places overlap other than by `expand` may be written; PyTorch's result is undefined.
- PyTorch speaks an older NumPy's protocol, of which NumPy warns; what NumPy makes of a tensor is the same here.
- Where no overload fits, PyTorch lists them all; here the sentence names one argument, and counts its
  position from the function's first argument in a method, too. The type of the error is the same.
- An attribute that cannot be written, and a keyword that is not known, are refused in Python's words.
- `is_grads_batched`, complex numbers and devices other than the CPU are refused: they are not here.

What still differs and should not: about 4 in 1,000 random programs, all of these kinds.

- A view that may not be looked at any more (made under no_grad or one of several, its base written since)
  is refused by PyTorch before the arguments of an operation are checked, and here after.
- PyTorch saves inputs, and runs pack hooks, before it computes; here an operation that fails saves nothing.
- `masked_fill_` on expanded memory is refused here. `x.data = y` of another shape does not tell x's views.
- The sentences of `matmul` for some dtypes and shapes, of `clamp_` on bools, of `mean(dim)`'s checks.
- The storage offset, and the storage's size, of some gradients that are spread out or empty.

After a change to a program: `python -m tests.parity.record` (needs PyTorch 2.13.0).
For a table of what agrees: `python -m tests.parity.report`.
"""
