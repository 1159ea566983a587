"""Run a PyTorch program once more, changed, and see whether its backward gives the right gradients.

The surprising idea: PyTorch itself can tell what is right. With hooks that copy each tensor as it is saved
(`saved_tensors_hooks`), no write can disturb it. So the program as it was, run with them, gives the gradients
that it would have given had nobody written, and a repair has to give the same.

Nothing is tried that needs a tensor, a module or an optimizer from before the recording: they cannot be copied
with all that they remember, and the user's own are not to be changed. So it is whole scripts, and cells that
make what they use, that are run again, in a namespace of their own.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Mapping

import numpy as np
import torch

from ..before import Before, randomness, set_randomness
from ..live import held_by
from ..rerun import Statements, TooLong, called_from, namespace, until
from ..values import SHOWN, text
from .answers import PYTORCH
from .memory import numbers

Gradients = dict[str, np.ndarray]  # by the leaf's name


class Reached(BaseException):
    """The backward that was waited for is over."""


class Again:
    """Reruns up to the end of the backward that failed; it is the `backward`-th of the program."""

    def __init__(self, before: Before, backward: int, deadline: float) -> None:
        self.before, self.backward, self.deadline = before, backward, deadline
        self.right: Gradients | None = None  # None where PyTorch cannot tell

    def fails_the_same(self, statements: Statements) -> bool:
        """Does the program, as it is, end in a version mismatch again? Then what is right is found out too."""
        error, _ = self.run(statements)
        if "modified by an inplace operation" not in str(error):
            return False
        error, gradients = self.run(statements, kept=True)
        self.right = gradients if error is None else None  # else there is more that is wrong
        return True

    def outcome(self, statements: Statements) -> dict[str, object]:
        error, gradients = self.run(statements)
        if error is not None:
            same = "modified by an inplace operation" in str(error)
            return {"outcome": "raises", "why": "the same error" if same else f"{type(error).__name__}: {error}"}
        shown = [(name, text(grad)) for name, grad in gradients.items() if grad.size <= SHOWN]
        told = {"gradients": tuple(shown)}
        if self.right is None or self.right.keys() != gradients.keys() or not gradients:
            return told | {"outcome": "unchecked"}
        for name, grad in gradients.items():
            if not np.allclose(grad, self.right[name], rtol=1e-4, atol=1e-6, equal_nan=True):
                return told | {"outcome": "other", "why": f"for `{name}`"}
        return told | {"outcome": "kept"}

    def run(self, statements: Statements, kept: bool = False) -> tuple[BaseException | None, Gradients]:
        """The error with which the program ends, if one, and what that backward left in the leaves' `.grad`.

        The user's variables, the random generators and PyTorch's defaults are afterwards as they were.
        """
        names = namespace(self.before.fresh(wide=False))
        code = compile(statements.tree, statements.filename, "exec", dont_inherit=True)
        copies = torch.autograd.graph.saved_tensors_hooks(_copy, _as_it_is)
        mode = copies if kept else contextlib.nullcontext()
        state, dtype, tracked = randomness(), torch.get_default_dtype(), torch.is_grad_enabled()
        waiting = Waiting(self.backward, names, statements.filename)
        set_randomness(self.before.randomness)
        try:
            with warnings.catch_warnings(), until(self.deadline, statements.filename), waiting, mode:
                warnings.simplefilter("ignore")
                exec(code, names)
        except Reached:
            return waiting.error, {} if waiting.higher else waiting.gradients
        except TooLong:
            raise
        except BaseException as error:
            return error, {}
        finally:
            torch.set_grad_enabled(tracked)
            torch.set_default_dtype(dtype)
            set_randomness(state)
        return None, {}


def _copy(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().clone()


def _as_it_is(copy: torch.Tensor) -> torch.Tensor:
    return copy


class Waiting:
    """Stops the program at the end of a backward; stands in the way into PyTorch's engine meanwhile."""

    def __init__(self, backward: int, names: Mapping[str, object], filename: str) -> None:
        self.left, self.names, self.filename = backward, names, filename
        self.error: BaseException | None = None
        self.higher = False  # was a backward made differentiable? Copies have no history for that
        self.gradients: Gradients = {}

    def __enter__(self) -> None:
        self.own: Callable = torch.autograd._engine_run_backward
        torch.autograd._engine_run_backward = self

    def __exit__(self, *raised: object) -> None:
        torch.autograd._engine_run_backward = self.own

    def __call__(self, outputs: tuple, *args: object, **kwargs: object) -> object:
        self.left -= 1
        if args[2] if len(args) > 2 else kwargs.get("create_graph"):
            self.higher = True
        if self.left > 0:
            return self.own(outputs, *args, **kwargs)
        leaves = _leaves(outputs)
        try:
            results = self.own(outputs, *args, **kwargs)
        except BaseException as error:
            self.error = error
            raise Reached from None
        self.gradients = self.named(leaves)
        asked = [each for each in results if each is not None] if isinstance(results, tuple) else []
        self.gradients |= {f"gradient {i}": np.array(numbers(each)) for i, each in enumerate(asked)}
        raise Reached

    def named(self, leaves: list[torch.Tensor]) -> Gradients:
        """What is in the leaves' `.grad`, by their names where the program runs right now."""
        variables = {**called_from(self.filename), **self.names}
        names = {id(tensor): name for name, tensor in reversed(held_by(PYTORCH, variables))}
        found = {names.get(id(leaf), f"leaf {i}"): leaf.grad for i, leaf in enumerate(leaves)}
        return {name: np.array(numbers(grad)) for name, grad in found.items() if grad is not None}


def _leaves(outputs: tuple) -> list[torch.Tensor]:
    """The leaves behind these tensors, each once."""
    unseen, seen, leaves = [each.grad_fn for each in outputs if isinstance(each, torch.Tensor)], set(), []
    while unseen:
        node = unseen.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            leaves.append(node.variable)
        unseen += [behind for behind, _ in node.next_functions]
    return leaves
