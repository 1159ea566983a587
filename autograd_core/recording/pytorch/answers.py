"""PyTorch's answers to what a recording asks (see `library`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import from_numpy  # PyTorch's own, whoever watches it later

from ..library import Library, Look
from ..state import BEFORE
from .capture import capture
from .memory import content, counted_by, grad_fn_of, grad_of, held, is_shared, numbers, storage_of, version
from .nodes import Face, face_of, graph
from .standing import standing


def node_of(tensor: torch.Tensor) -> Face | None:
    node = grad_fn_of(tensor)
    return None if node is None else face_of(node)


def look(tensor: torch.Tensor) -> Look:
    return version(tensor), held(tensor), tensor.requires_grad, tensor.output_nr, part(tensor)


def part(tensor: torch.Tensor) -> tuple[int, tuple[int, ...], int] | None:
    """The fields of a `Part`; None where the tensor looks at all of its storage, in order."""
    storage = storage_of(tensor)
    if storage is None or tensor.is_nested:
        return None
    size = storage.nbytes() // (tensor.element_size() or 1)
    if size == tensor.numel() and tensor.is_contiguous():
        return None
    return tensor.storage_offset(), tensor.stride(), size


def may_be_shared(tensor: torch.Tensor) -> bool:
    """As it was before the operation, which may have put it into a graph; what that has made is nobody's."""
    if id(tensor) in capture.inner or capture.tasks:
        return False
    known = capture.strangers.get(id(tensor))
    return is_shared(tensor) if known is None else known


@contextmanager
def reach(tensors: Iterable[torch.Tensor]) -> Iterator[None]:
    """For as long as this lasts, the faces of the nodes behind these tensors know their nodes."""
    faces = graph(filter(None, map(grad_fn_of, tensors)))
    reached = [face for face in faces if face.node is None]
    for face in reached:
        face.node = faces[face]
    try:
        yield
    finally:
        for face in reached:
            face.node = None


def array(grad: torch.Tensor | np.ndarray) -> np.ndarray:
    return grad if isinstance(grad, np.ndarray) else np.array(numbers(grad))


def rerun(
    face: Face, grads: Sequence[np.ndarray | None], right: dict[str, np.ndarray | None]
) -> list[np.ndarray | None] | None:
    """The node itself is run once more, with the right numbers in the saved memory for as long as that takes.

    None where there is no copy of the numbers, or the node runs the user's own code.
    """
    node = face.node
    if node is None or isinstance(node, torch.autograd.function.BackwardCFunction):
        return None
    if any(each is None for each in right.values()):
        return None
    swapped = []
    try:
        with torch.no_grad():
            for field, numbers_then in right.items():
                place = face.kept[field].numbers
                swapped.append((place, place.copy()))
                place[...] = numbers_then
            given = [None if each is None else from_numpy(np.array(each)) for each in grads]
            results = node(*given)
    except RuntimeError:
        return None
    finally:
        for place, numbers_now in reversed(swapped):
            place[...] = numbers_now
    results = results if isinstance(results, tuple) else (results,)
    edges = [(follower and follower._input_metadata[number]) for follower, number in node.next_functions]
    return [_arriving(*each) for each in zip(results, edges, strict=False)]


def _arriving(grad: torch.Tensor | None, at: object) -> np.ndarray | None:
    """A gradient as the engine hands it on: summed over what was broadcast, in the type of its input."""
    if grad is not None and at is not None:
        grad = grad.sum_to_size(at.shape).to(at.dtype)
    return None if grad is None else np.array(numbers(grad))


def origin(tensor: torch.Tensor) -> str:
    """What is known of a tensor that is met: nobody tells of a parameter, or of what is made inside an operation."""
    if id(tensor) in capture.inner:
        return "intermediate"
    if isinstance(tensor, torch.nn.Parameter):
        return "Parameter"
    return "gradient" if capture.tasks else BEFORE


PYTORCH = Library(
    slot=capture,
    tensor=torch.Tensor,
    look=look,
    node_of=node_of,
    saved=lambda face: face.kept.items(),
    version_of=version,
    grad_of=grad_of,
    base_of=lambda tensor: tensor._base,
    retains_grad=lambda tensor: tensor.retains_grad,
    shared_memory=storage_of,
    memory=torch.Tensor.untyped_storage,
    content=content,
    is_shared=may_be_shared,
    reach=reach,
    counter=lambda tensor: tensor,
    counted_by=counted_by,
    held=held,
    array=array,
    rerun=rerun,
    task=lambda: capture.tasks[-1] if capture.tasks else None,
    origin=origin,
    unheard=torch._C.DisableTorchFunction,
    grad_fn=grad_fn_of,
    standing=standing,
)
