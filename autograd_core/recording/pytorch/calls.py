"""What PyTorch's functions are called in a recording, and which of them are told in a way of their own.

A `TorchFunctionMode` hears of everything: operations, methods that only look, attributes being read. Most of
it is nothing to tell.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

__warningregistry__ = None  # see `Gates`: no warning is of a line of ours

# Attributes that give a tensor on the same memory; all others are only looked at.
VIEWS = ("T", "mT", "H", "mH", "real", "imag")
LOOKS = frozenset(
    "size dim ndimension stride numel nelement storage_offset data_ptr item tolist element_size dense_dim "
    "sparse_dim get_device untyped_storage storage storage_type type __repr__ __str__ __format__ __len__ "
    "__bool__ __int__ __float__ __index__ __hash__ __contains__ __reduce_ex__ __dir__ has_names "
    "_set_grad_enabled _is_view _nnz allclose equal share_memory_ _has_compatible_shallow_copy_type "
    "can_cast result_type is_grad_enabled _typed_storage _make_subclass __dlpack__ __dlpack_device__".split()
)
# What only takes an example, or numbers, from the tensors it is given: its result comes from none of them.
MAKES_ANEW = frozenset(
    "tensor deepcopy ones_like zeros_like empty_like full_like rand_like randn_like randint_like "
    "new new_tensor new_zeros new_ones new_full new_empty new_empty_strided".split()
)
# What gives the memory itself away: from then on it may be written without a word.
GIVES_AWAY = frozenset(
    "data_ptr untyped_storage storage _typed_storage share_memory_ __dlpack__ __array_interface__".split()
)
# Where Python's operators have other names than the operations.
NAMES = {
    "__deepcopy__": "deepcopy",
    "__rsub__": "rsub",
    "__rpow__": "pow",
    "__rtruediv__": "div",
    "__rdiv__": "div",
    "__rfloordiv__": "floor_divide",
    "__rmod__": "remainder",
    "__rmatmul__": "matmul",
    "true_divide": "div",
    "divide": "div",
    "multiply": "mul",
    "subtract": "sub",
    "concat": "cat",
    "absolute": "abs",
    "negative": "neg",
    "broadcast_to": "expand",
    "__floordiv__": "floor_divide",
    "__lshift__": "bitwise_left_shift",
    "__rshift__": "bitwise_right_shift",
    "__rlshift__": "bitwise_left_shift",
    "__rrshift__": "bitwise_right_shift",
    "__ilshift__": "bitwise_left_shift_",
    "__irshift__": "bitwise_right_shift_",
    "__reversed__": "flip",
    "to": "_to_copy",
    "double": "_to_copy",
    "float": "_to_copy",
    "half": "_to_copy",
    "long": "_to_copy",
    "int": "_to_copy",
    "bool": "_to_copy",
}
# What refuses a write, whichever way it is asked for.
REFUSED = ("used in an in-place operation", "modified inplace")


def name_of(func: Callable) -> str:
    """
    >>> name_of(torch.Tensor.add_), name_of(torch.Tensor.data.__get__), name_of(torch.Tensor.__rsub__)
    ('add_', '.data', 'rsub')
    """
    name = getattr(func, "__name__", type(func).__name__)
    if name == "__get__":
        attribute = func.__self__.__name__
        return ".data" if attribute == "data" else attribute
    return NAMES.get(name, name)


def only_looks(func: Callable) -> bool:
    """Does it neither make nor change a tensor?"""
    name = getattr(func, "__name__", "")
    if name == "__get__":
        return func.__self__.__name__ not in ("data", *VIEWS)
    return name in LOOKS or name.startswith(("is_", "_record_function"))


def index_name(index: object) -> str:
    """What `tensor[index]` is called: the last of the views that it takes, or `index`."""
    parts = index if isinstance(index, tuple) else (index,)
    name = "slice"
    for each in parts:
        if isinstance(each, (torch.Tensor, list)):
            return "index"
        if each is None:
            name = "unsqueeze"
        elif isinstance(each, slice):
            name = "slice"
        elif each is Ellipsis:
            continue
        else:
            name = "select"
    return name


def write_name(index: object, value: object) -> str:
    """What `tensor[index] = value` is called."""
    if index_name(index) == "index":
        return "index_put_"
    return "copy_" if isinstance(value, torch.Tensor) and value.ndim else "fill_"


def tensors_in(values: object, deep: int = 2) -> list[torch.Tensor]:
    """The tensors among these arguments or results, and in lists of them."""
    found = []
    for each in values:
        if isinstance(each, torch.Tensor):
            found.append(each)
        elif deep and isinstance(each, (list, tuple)):
            found += tensors_in(each, deep - 1)
        elif deep and isinstance(each, dict):
            found += tensors_in(each.values(), deep - 1)
    return found


def is_transformed() -> bool:
    """Does a transform (`vmap`, `torch.func.grad`, `torch.jit.trace`) run? Its tensors are stand-ins for others."""
    return _transform() is not None or _tracing()


_transform, _tracing = torch._C._functorch.peek_interpreter_stack, torch._C._is_tracing


def as_it_is(func: Callable, args: tuple, kwargs: dict) -> object:
    """Run a function. It is our looks that a tensor's class is not to hear of."""
    if torch._C._is_torch_function_enabled():
        return func(*args, **kwargs)
    with torch._C._EnableTorchFunction():
        return func(*args, **kwargs)
