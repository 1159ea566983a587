"""A PyTorch tensor's numbers, storage and version, looked at without moving or changing anything.

The surprising idea: the numbers are read where they lie, by their address. To ask PyTorch for them
(`tensor.numpy()`) would change something: a storage that NumPy has seen can never be resized again.
"""

from __future__ import annotations

import ctypes
import math

import numpy as np
import torch

from ..values import SMALL, Held

_DTYPES: dict[torch.dtype, np.dtype] = {}
_USUAL = (torch.Tensor, torch.nn.Parameter)  # of other classes nobody knows what they stand for

# So many bytes from this address on.
_bytes_at = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_ssize_t)(
    ("PyBytes_FromStringAndSize", ctypes.pythonapi)
)


def version(tensor: torch.Tensor) -> int:
    """How many writes its counter has counted; what inference mode has made has no counter."""
    try:
        return tensor._version
    except RuntimeError:
        return 0


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
    if tensor.layout is not torch.strided or tensor.is_meta:
        return False
    return type(tensor) in _USUAL or _has_memory(tensor)


def _has_memory(tensor: torch.Tensor) -> bool:
    """Of a class of the user's, or of one that only stands for tensors: are there numbers at all?"""
    try:
        return not tensor.untyped_storage().device.type == "meta" and tensor.data_ptr() != 0
    except RuntimeError:
        return False


def storage_of(tensor: torch.Tensor) -> torch.UntypedStorage | None:
    """Its memory; None where it has none, being sparse, on no device, or there only to stand for others."""
    try:
        return tensor.untyped_storage() if is_plain(tensor) else None
    except RuntimeError:
        return None


def address(tensor: torch.Tensor) -> int:
    """Where its numbers are; 0 where they have no place of their own."""
    try:
        return tensor.data_ptr() if is_plain(tensor) else 0
    except RuntimeError:
        return 0


def is_shared(tensor: torch.Tensor) -> bool:
    """May others write to its memory whom nobody hears: NumPy, or a tensor that is not known?"""
    storage = storage_of(tensor)
    if storage is None:
        return False
    return not storage.resizable() or torch._C._storage_Use_Count(storage._cdata) > ALONE


ALONE = 2  # users of a storage: a tensor, and the object that was made to ask


def numbers(tensor: torch.Tensor) -> np.ndarray | None:
    """The numbers, on the tensor's own memory, for as long as that is there.

    None where they are not in the memory of this machine, or of a type that NumPy does not know.
    """
    storage = storage_of(tensor)
    if storage is None or not tensor.is_cpu or tensor.is_quantized or tensor.is_nested:
        return None
    if tensor.is_conj() or tensor.is_neg():
        with torch._C._DisableTorchDispatch():  # who counts operations is not to count ours
            return tensor.detach().resolve_conj().resolve_neg().numpy()
    dtype = np.dtype(np.int16) if tensor.dtype is torch.bfloat16 else numpy_dtype(tensor.dtype)
    if dtype.metadata is not None:
        return None
    item = dtype.itemsize
    if not tensor.numel():
        return np.empty(tensor.shape, dtype)
    memory = (ctypes.c_char * storage.nbytes()).from_address(storage.data_ptr())
    strides = [item * each for each in tensor.stride()]
    return np.ndarray(tensor.shape, dtype, memory, item * tensor.storage_offset(), strides)


def numpy_dtype(dtype: torch.dtype) -> np.dtype:
    """The type in which values of this type are told."""
    if dtype not in _DTYPES:
        name = str(dtype).removeprefix("torch.")
        try:
            _DTYPES[dtype] = np.dtype(name)
        except TypeError:  # NumPy has no word for it: its numbers are shown as floats, under its own name
            _DTYPES[dtype] = np.dtype(np.float32, metadata={"name": name})
    return _DTYPES[dtype]


def held(tensor: torch.Tensor | np.ndarray) -> Held:
    """What it holds now: all of a small tensor, both ends of a long one, and nothing of what is elsewhere.

    What lies on another device is not moved for that, nor waited for.
    """
    kind = type(tensor)
    if kind not in _USUAL and isinstance(tensor, np.ndarray):
        return tensor.tobytes(), tensor.shape, tensor.dtype
    dtype = _DTYPES.get(tensor.dtype)
    if dtype is None:
        dtype = numpy_dtype(tensor.dtype)
    try:
        shape = tuple(tensor.shape) if kind in _USUAL else tuple(map(_number, tensor.shape))
        size = math.prod(shape)
        if (size > SMALL and len(shape) != 1) or not is_plain(tensor) or not tensor.is_cpu:
            return b"", shape, dtype
        lies_open = kind in _USUAL and dtype.metadata is None and dtype.kind != "c"
        if lies_open and tensor.is_contiguous() and not tensor.is_neg():
            at, item = tensor.data_ptr(), dtype.itemsize
            if size > SMALL:
                return _bytes_at(at, 3 * item) + _bytes_at(at + (size - 1) * item, item), shape, dtype
            return _bytes_at(at, size * item), shape, dtype
        return _read(tensor, dtype, size), shape, dtype
    except (RuntimeError, TypeError, ValueError):  # it stands for other tensors, or has no numbers yet
        return b"", _shape(tensor), dtype


def _read(tensor: torch.Tensor, dtype: np.dtype, size: int) -> bytes:
    """The numbers of a tensor that do not lie open, through a copy."""
    array = numbers(tensor) if dtype.metadata is None else None
    if array is None:
        with torch._C._DisableTorchDispatch():
            tensor = tensor.detach()
            if size > SMALL:
                tensor = torch.cat([tensor[:3], tensor[-1:]])
            return tensor.to(torch.float32, copy=True).numpy(force=True).tobytes()
    return (array if size <= SMALL else np.concatenate([array[:3], array[-1:]])).tobytes()


def _number(size: object) -> int:
    return size if type(size) is int else 0  # a symbol of a size that is not known


def _shape(tensor: torch.Tensor) -> tuple[int, ...]:
    """As much as there is of a shape: tensors of several lengths have one size alone."""
    try:
        return (_number(tensor.size(0)),)
    except (RuntimeError, TypeError, IndexError):
        return ()


def content(storage: torch.UntypedStorage) -> bytes:
    """All bytes of a storage."""
    if storage.device.type != "cpu":
        return b""
    return _bytes_at(storage.data_ptr(), storage.nbytes())


def counted_by(tensor: torch.Tensor, other: torch.Tensor) -> bool:
    """Do these two share a version counter? One is set ahead for a moment, to see whether both are.

    PyTorch keeps the counter itself where Python cannot see it.
    """
    if tensor is other:
        return True
    if tensor.is_inference() or other.is_inference() or tensor._version != other._version:
        return False
    storage = storage_of(tensor)
    if storage is None or storage is not storage_of(other):
        return False
    at = tensor._version
    try:
        torch._C._autograd._unsafe_set_version_counter((tensor,), (at + 1,))
        return other._version != at
    finally:
        torch._C._autograd._unsafe_set_version_counter((tensor,), (at,))
