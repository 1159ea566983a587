"""Tensors made of a size, in steps, like another, and turned into other types and out of tensors."""

from __future__ import annotations

from .domain import DTYPES, Family, floats, longs, typed

family = Family("creation")
calls = family.calls

ANY = floats(2, 3)  # nothing below looks at it

for name in ("zeros", "ones", "empty", "rand", "randn"):
    shown = "" if name in ("zeros", "ones") else ".shape"
    for size in ("2, 3", "(2, 3)", "0", "()", "[2]", "size=(2,)", "2, dtype=torch.float64", "2, requires_grad=True"):
        calls(f"torch.{name}({size}){shown}", a=ANY, forms=False)
for call in ("2, -1", "2.0", "", "(2,), (3,)", "2, dtype=3", "2, requires_grad=1", "torch.tensor(2)", "2, device='cpu'", "2, dtype=int", "2, dtype=torch.int64, requires_grad=True"):
    calls(f"torch.zeros({call})", a=ANY, forms=False)
calls("torch.rand(2).dtype", "torch.randn(2, dtype=torch.int64)", "torch.rand(2, dtype=torch.int64)", a=ANY, forms=False)
calls("torch.randint(3, (2,)).dtype", "torch.randint(1, 3, (2, 3)).shape", "torch.randint(3, 2)", "torch.randint(1, 1, (1,))", a=ANY, forms=False)
calls("torch.randint(1, (3,))", "torch.randint(low=2, high=3, size=(2,))", "torch.randint(5, 3, (2,))", a=ANY, forms=False)
calls("torch.rand(100).max() < 1", "torch.manual_seed(3) and torch.rand(2)", "torch.manual_seed(3) and torch.randn(2)", a=ANY, forms=False)
calls("torch.manual_seed(3) and torch.randint(9, (4,))", "torch.manual_seed(3) and torch.randperm(5)", "torch.randperm(-1)", a=ANY, forms=False)
for call in ("(2,), 7", "(2,), 7.5", "(2,), True", "[2], 7, dtype=torch.float32", "(), 3", "2, 7", "(2,), 'x'", "(2,)", "(2,), torch.tensor(3.0)", "(2,), 1.5, requires_grad=True"):
    calls(f"torch.full({call})", a=ANY, forms=False)
calls("torch.eye(2)", "torch.eye(2, 3)", "torch.eye(0)", "torch.eye(-1)", "torch.eye(2, dtype=torch.int64)", a=ANY, forms=False)
for call in ("5", "5.0", "1, 5", "1, 5, 2", "0, 1, 0.25", "5, 1, -2", "1, 5, -1", "5, 0", "1, 5, 0", "3, dtype=torch.float32", "3.0, requires_grad=True", "3, requires_grad=True", "0.1, 0.5, 0.1", "end=3", "start=1, end=3", "torch.tensor(3)", "0, 1, 0.1"):
    calls(f"torch.arange({call})", a=ANY, forms=False)
for call in ("0, 1, 5", "0, 1, 1", "0, 1, 0", "1, 0, 3", "0, 10, 4", "0, 10, 5, dtype=torch.int64", "0, 1, -1", "0, 1, steps=3, requires_grad=True", "-1, 2, 7", "0, 1, 4, dtype=torch.float64"):
    calls(f"torch.linspace({call})", a=ANY, forms=False)

LIKE = (*typed(floats(2, 3), DTYPES), floats(3, 2, layout="turned"), floats(2, 3, layout="spread"), floats(3, 2, layout="stretched"), floats(), floats(0, 3))
calls("torch.zeros_like(a)", "torch.ones_like(a)", "torch.full_like(a, 3)", "torch.full_like(a, 2.5)", a=LIKE)
calls("torch.empty_like(a).stride()", "torch.rand_like(a).dtype", "torch.randn_like(a).shape", a=LIKE, forms=False)
calls("torch.randint_like(a, 3).dtype", a=LIKE[:4], forms=False)
calls("torch.zeros_like(a, dtype=torch.float64)", "torch.ones_like(a, requires_grad=True)", "torch.full_like(a, 1, dtype=torch.int32)", a=LIKE[:2])
calls("torch.randint_like(a, 2, 3)", "torch.zeros_like([1])", a=ANY)

# ---- to other types, and out of tensors ----------------------------------------------------------

TYPES = (*typed(floats(2, 3), DTYPES), floats(3, 2, layout="turned"), floats())
for name in ("float", "double", "half", "long", "int", "short", "char", "byte", "bool"):
    calls(f"a.{name}()", a=typed(floats(5), DTYPES), forms=False)
for target in ("torch.float64", "torch.float32", "torch.int64", "torch.float16", "float", "int", "bool", "b", "'cpu'", "dtype=torch.float64", "'cpu', torch.float64", "device='cpu'", "torch.float32, copy=True", ""):
    calls(f"a.to({target})", a=(floats(2, 3), longs([1, 2]), floats(3, 2, layout="turned")), b=longs(1), forms=False)
calls("a.cpu()", "a.type()", "a.type(torch.float64)", "a.type('torch.LongTensor')", a=TYPES, forms=False)
calls("torch.is_floating_point(a)", "a.tolist()", "a.dtype", "a.numpy()", "a.detach().numpy().tolist()", a=TYPES)
calls("a.item()", "float(a)", "int(a)", "bool(a)", "a.__index__()", a=(*typed(floats(), DTYPES), floats(1, 1), floats(2), floats(0)), forms=False)
calls("a.shape", "a.size()", "a.size(0)", "a.size(-1)", "a.size(5)", "a.dim()", "a.ndim", "a.numel()", "a.stride()", "a.storage_offset()", "a.stride(0)", "a.stride(-1)", a=(*TYPES[-2:], floats(2, 3, layout="spread"), floats(0, 3)), forms=False)
calls("a[1:].storage_offset()", "a.data_ptr() == a.untyped_storage().data_ptr()", "a.T._is_view()", "a._base", "str(a.device)", a=floats(2, 3), forms=False)
calls("torch.as_tensor(a)", "torch.as_tensor(a, dtype=torch.float64)", "torch.as_tensor([1, 2.5])", "torch.as_tensor(3)", a=ANY, forms=False)
calls("torch.from_numpy(a.detach().numpy())", "torch.from_numpy(a.detach().numpy().T)", "torch.from_numpy(a.detach().numpy()[:, ::2])", "torch.from_numpy(a.detach().numpy()[::-1])", "torch.from_numpy([1])", a=TYPES, forms=False)
calls("torch.as_tensor(a.detach().numpy())", "torch.as_tensor(a.detach().numpy(), dtype=torch.float64)", "torch.tensor(a.detach().numpy())", a=TYPES, forms=False)
calls("torch.tensor([[1, 2], [3, 4.5]])", "torch.tensor(3)", "torch.tensor([True, 2])", "torch.tensor([])", a=ANY, forms=False)

# ---- writes that have no other form --------------------------------------------------------------

WRITTEN = (*typed(floats(2, 3), DTYPES), floats(), floats(0))
calls("c.zero_()", "c.fill_(2)", "c.fill_(2.5)", "torch.zero_(c)", "torch.fill_(c, 2)", a=WRITTEN, forms=False)
calls("c.copy_(b)", "c.fill_(b)", a=typed(floats(2, 3), DTYPES), b=(floats(2, 3, region="other"), longs([1, 2, 3]), floats()), forms=False)
calls("c.copy_(b)", a=floats(2, 3), b=(floats(2), floats(1, 3)), forms=False)
calls("c.normal_(5, 0).tolist()", "c.uniform_(3, 3)", "c.uniform_(3, 2)", "c.normal_(0, -1)", a=WRITTEN, forms=False)
calls("c.set_(b)", "c.set_()", a=(floats(2, 3, grad=False), longs([1, 2])), b=(floats(2, 2, grad=False), longs([3])), forms=False)
calls("c.resize_(2, 2)", "c.resize_((3, 2))", "c.resize_(2, 3)", a=(floats(2, 3, grad=False), floats(2, 3)), forms=False)
calls("c.resize_(3, 3).shape", "c[1:].resize_(2)", "c.resize_(0)", a=floats(2, 3, grad=False), forms=False)
calls("c.detach_()", "torch.detach_(c)", "c.detach()", "torch.detach(a)", "c.data", a=floats(2, 3), forms=False)
