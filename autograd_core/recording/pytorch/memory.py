"""A PyTorch tensor's numbers, storage and version, looked at without moving or changing anything."""

from __future__ import annotations

import numpy as np
import torch

from ..values import SMALL, Held

# NumPy has no word for these: their numbers are shown as floats, under their own name.
_WIDER = {
    torch.bfloat16: np.dtype(np.float32, metadata={"name": "bfloat16"}),
}
_DTYPES: dict[torch.dtype, np.dtype] = {}


def version(tensor: torch.Tensor) -> int:
    """How many writes its counter has counted; what inference mode has made has no counter."""
    return 0 if tensor.is_inference() else tensor._version


def grad_of(tensor: torch.Tensor) -> torch.Tensor | None:
    """Its `.grad`, asked for only where PyTorch does not warn of asking."""
    return tensor.grad if tensor.is_leaf or tensor.retains_grad else None


def grad_fn_of(tensor: torch.Tensor) -> object | None:
    """Its node; None also for a view that has lost its history to a write to its base."""
    try:
        return tensor.grad_fn
    except RuntimeError:
        return None


def is_plain(tensor: torch.Tensor) -> bool:
    """Is there memory of its own to look at, with one number beside the other?"""
    return tensor.layout is torch.strided and not tensor.is_meta


def numbers(tensor: torch.Tensor) -> np.ndarray | None:
    """The numbers, on the tensor's own memory; None where they are not in the memory of this machine."""
    if not is_plain(tensor) or not tensor.is_cpu or tensor.is_quantized:
        return None
    plain = tensor.detach().resolve_conj().resolve_neg()
    if plain.dtype is torch.bfloat16:
        plain = plain.view(torch.int16)
    try:
        return plain.numpy()
    except (RuntimeError, TypeError):  # a type of numbers that NumPy does not know
        return None


def numpy_dtype(dtype: torch.dtype) -> np.dtype:
    """The type in which values of this type are told."""
    if dtype not in _DTYPES:
        if dtype in _WIDER:
            _DTYPES[dtype] = _WIDER[dtype]
        else:
            try:
                _DTYPES[dtype] = torch.empty(0, dtype=dtype).numpy().dtype
            except (RuntimeError, TypeError):
                name = str(dtype).removeprefix("torch.")
                _DTYPES[dtype] = np.dtype(np.float32, metadata={"name": name})
    return _DTYPES[dtype]


def held(tensor: torch.Tensor | np.ndarray) -> Held:
    """What it holds now: all of a small tensor, both ends of a long one."""
    if isinstance(tensor, np.ndarray):
        return tensor.tobytes(), tensor.shape, tensor.dtype
    shape, dtype = tuple(tensor.shape), numpy_dtype(tensor.dtype)
    if not is_plain(tensor):
        return b"", shape, dtype
    size = tensor.numel()
    if size > SMALL and len(shape) != 1:
        return b"", shape, dtype
    plain = tensor.detach()
    if size > SMALL:
        plain = torch.cat([plain[:3], plain[-1:]])
    if dtype.metadata or not plain.is_cpu:
        plain = plain.to("cpu", torch.float32 if dtype.metadata else plain.dtype)
    return plain.numpy(force=True).tobytes(), shape, dtype


def content(storage: torch.UntypedStorage) -> bytes:
    """All bytes of a storage."""
    if storage.device.type != "cpu":
        return b""
    return torch.empty(0, dtype=torch.uint8).set_(storage).numpy().tobytes()


def counted_by(tensor: torch.Tensor, other: torch.Tensor) -> bool:
    """Do these two share a version counter? One is set ahead for a moment, to see whether both are.

    PyTorch keeps the counter itself where Python cannot see it.
    """
    if tensor is other:
        return True
    if tensor.is_inference() or other.is_inference() or tensor._version != other._version:
        return False
    if tensor.untyped_storage() is not other.untyped_storage():
        return False
    at = tensor._version
    try:
        torch._C._autograd._unsafe_set_version_counter((tensor,), (at + 1,))
        return other._version != at
    finally:
        torch._C._autograd._unsafe_set_version_counter((tensor,), (at,))
