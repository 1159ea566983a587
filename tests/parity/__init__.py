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
    agreement.py    a program recorded on both sides: do the events agree?
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
  overloads (`MulBackward1`) that Python never meets. Their values are compared. Where a node is called
  by hand, those of `expand` and of a conversion leave summing and converting back to the engine.
- The steps in memory of a *result* are not compared, those of views are, unless something was turned:
  NumPy and PyTorch choose differently between operands that are laid out differently.
- What was made in inference mode may be written afterwards through PyTorch's `detach()` and `.data`; here
  this is refused as is every other write. PyTorch may also say that its version is 0. A tensor that
  is made there to require grad, or gets such memory by `.data =`, is recorded by PyTorch in part.
- PyTorch warns where a `.grad` that was assigned is laid out unlike its tensor; here no layout is slow.
- Memory in which places overlap other than by `expand` may be written, and memory with gaps while it is
  read: PyTorch's result is undefined.
- Where PyTorch fails by a mistake of its own ("please report a bug"), nothing fails here.
- Writing to bools what is none: `clamp_` and the running sums refuse it in sentences of their own.
- PyTorch speaks an older NumPy's protocol, of which NumPy warns; what NumPy makes of a tensor is the same here.
- Where no overload fits, PyTorch lists them all; here the sentence names one argument, and counts its
  position from the function's first argument in a method, too. The type of the error is the same.
- An attribute that cannot be written, and a keyword that is not known, are refused in Python's words.
- Which of equal elements `topk` takes is open in PyTorch; random programs ask it where none are equal.
- `is_grads_batched`, complex numbers and devices other than the CPU are refused: they are not here.

What still differs and should not: about 1 in 1,000 random programs, of these kinds as far as is known.

- `where` of operands that lie differently may lie differently itself, which its views then show.
- `argmax` of elements that differ by a rounding error, as the results of `logsumexp` may.
- What is asked first where two things are wrong: in `lerp_` of integers into a smaller tensor, in a
  write at a mask of what shares its memory by `.data =`.

After a change to a program: `python -m tests.parity.record` (needs PyTorch 2.13.0).
For a table of what agrees: `python -m tests.parity.report`.
"""
