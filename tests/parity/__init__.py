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

    phrases.py      what a random program may say: lines with blanks
    vocabulary.py   how the blanks are filled
    random.py       random programs, on both sides at once; the recorded ones

`python -m tests.parity.random 10000` runs as many new ones. A difference that it finds becomes a named
program in `programs/regressions.py`.

Where `autograd_core` differs from PyTorch on purpose, and a random program therefore does not look:

- A fresh gradient is always memory of its own. PyTorch may let `x.grad` share the memory of the gradient
  that was given to `backward` or returned by a hook, and require grad like it, or, if x and y were joined, lie
  in one memory with `y.grad`: an accident of its reference counts. For the same reason the version that a gradient starts with, how it lies in memory,
  and whether it counts as a view are not compared.
- A step along a dimension of one element, or where there is none at all, leads nowhere. Such steps are not
  compared (those of views of nothing are, in `programs/regressions.py`), nor is PyTorch's warning about a gradient that is laid out unlike its leaf in them alone.
- The nodes of a derivative made with `create_graph` may have other names: PyTorch's C++ formulas use
  overloads (`MulBackward1`) that Python never meets. Their values are compared. Where a node is called
  by hand, those of `expand` and of a conversion leave summing and converting back to the engine.
- What is computed elsewhere of what inference mode has made: version and base show how PyTorch's kernels
  are written. Where such a tensor requires grad (by `copy.deepcopy` or `.data =`) PyTorch records in part.
- An integer tensor never requires grad. In PyTorch one does once it is filled with what requires grad,
  and then most that is done with it ends in an internal error.
- Memory in which places overlap other than by `expand` may be written, and memory with gaps while it is
  read: PyTorch's result is undefined.
- A write that fails half way, as at a zero by which integers are divided, leaves all numbers as they were.
- What PyTorch's C++ warns of is told when the call ends; here each warning is told when its time has come.
  Among what it tells are lines of the program, and names of its own functions: those are not compared.
- Where PyTorch fails by a mistake of its own, nothing fails here or a plain sentence says why: "please
  report a bug", `unflatten` of a scalar, `logsumexp` over `()`, sizes below zero of what has no elements,
  `median` along a dimension of expanded memory, a leaf's gradient edge in inference mode, products of nothing
  whose result is no float.
- PyTorch speaks an older NumPy's protocol, of which NumPy warns; what NumPy makes of a tensor is the same here.
- Where no overload fits, PyTorch lists them all; here the sentence names one argument, and counts its
  position from the function's first argument in a method, too. The type of the error is the same.
- An attribute that cannot be written, and a keyword that is not known, are refused in Python's words.
- Which of equal elements `topk` takes is open in PyTorch; random programs ask it where none are equal. So
  is the place of the greatest among those that differ by the rounding of an `exp` or a `log`.
- Within `allow_mutation_on_saved_tensors` PyTorch shares the gradient of `max()` by another formula: where
  nothing is equal to the greatest any more, as it was written unseen, that gives nan, and here zeros.
- `is_grads_batched`, complex numbers and devices other than the CPU are refused: they are not here.

How often something else differs: since programs say every operation, with dimensions that are not there, other
types, modes and kinds of hooks, 3 of 2,500 from seed 550000000 on. They are open: what inference mode made and
`to(copy=True)` copies starts at version 0 here and at 1 there, `repeat` of a view of nothing begins where that
does, and `uniform_` on expanded integers refuses the memory before the type. What was found before is mended and
stands in `programs/regressions.py`.

After a change to a program: `python -m tests.parity.record` (needs PyTorch 2.13.0).
For a table of what agrees: `python -m tests.parity.report`.
"""
