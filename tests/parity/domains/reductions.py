"""Operations that make many elements into one, and the running ones."""

from __future__ import annotations

from .domain import DTYPES, SHAPES, Family, bools, floats, given, longs, typed

family = Family("reductions")
calls = family.calls

TENSORS = (*SHAPES, *typed(floats(2, 3), DTYPES[1:]))
MORE = (floats(2, 3), floats(2, 3, 2), floats(2, 3, region="nans"), floats(0, 3), floats(2, 0), floats())

for name in ("sum", "mean"):
    calls(f"torch.{name}(a)", f"torch.{name}(a, 0)", a=TENSORS)
    calls(f"torch.{name}(a, -1)", f"torch.{name}(a, (0, 1), keepdim=True)", a=MORE[:4])
    calls(f"torch.{name}(a, dim=())", f"torch.{name}(a, 2)", f"torch.{name}(a, (0, 0))", a=floats(2, 3))
    calls(f"torch.{name}(a, axis=1, keepdims=True)", f"torch.{name}(input=a)", a=floats(2, 3))
    calls(f"torch.{name}(a, dtype=torch.float64)", a=(floats(2, 3), longs([1, 2])))
    calls(f"torch.{name}(a, 0, dtype=torch.float64)", a=(floats(2, 3), longs([1, 2])))

calls("torch.prod(a)", "torch.prod(a, 0)", a=TENSORS)
calls("torch.prod(a)", a=(floats(6, region="zeros"), given([2.0, 0.0, 3.0]), given([0.0, 0.0, 3.0])))
calls("torch.prod(a, 1)", "torch.prod(a, -1, True)", "torch.prod(a, 2)", a=(floats(2, 3, region="zeros"), floats(2, 3)))
calls("torch.prod(a, 0)", a=given([[2.0, 0.0, 3.0], [1.0, 0.0, 0.0]]))

for name in ("amax", "amin"):
    calls(f"torch.{name}(a)", f"torch.{name}(a, 0)", a=(*TENSORS, floats(2, 0), floats(2, 3, region="ties")))
    calls(f"torch.{name}(a, (0, 1), True)", f"torch.{name}(a, -1, keepdim=True)", a=floats(2, 3, region="ties"))
for name in ("max", "min"):
    calls(f"torch.{name}(a)", f"torch.{name}(a, 0)", a=(*TENSORS, floats(2, 0)))
    calls(f"torch.{name}(a)", f"torch.{name}(a, 1)", a=(floats(2, 3, region="ties"), floats(2, 3, region="nans")))
    calls(f"torch.{name}(a, -1, True)", f"torch.{name}(a, dim=1)", f"torch.{name}(a, 2)", a=floats(2, 3))
    calls(f"torch.{name}(a, b)", a=floats(2, 3), b=floats(3, region="other"))
for name in ("argmax", "argmin"):
    calls(f"torch.{name}(a)", f"torch.{name}(a, 0)", a=(*TENSORS[:-1], floats(2, 3, region="ties")))
    calls(f"torch.{name}(a, 1)", f"torch.{name}(a, -1, keepdim=True)", a=(floats(2, 3, region="nans"), floats(2, 3)))
    calls(f"torch.{name}(a, keepdim=True)", f"torch.{name}(a, 2)", a=floats(2, 3))
    calls(f"torch.{name}(a)", a=bools([True, False]))

for name in ("var", "std"):
    calls(f"torch.{name}(a)", f"torch.{name}(a, 0)", a=(*TENSORS, floats(2, 0)))
    calls(f"torch.{name}(a, 1, unbiased=False)", f"torch.{name}(a, False)", a=floats(2, 3))
    calls(f"torch.{name}(a, (0, 1), keepdim=True)", f"torch.{name}(a, -1, True, True)", a=floats(2, 3))
    calls(f"torch.{name}(a, correction=0)", f"torch.{name}(a, dim=1, correction=2)", a=floats(2, 3))
    calls(f"torch.{name}(a, correction=6)", f"torch.{name}(a, 0, correction=2)", a=floats(2, 3))
    calls(f"torch.{name}(a)", f"torch.{name}(a, 0)", a=given([2.0, 2.0, 2.0]))

calls("torch.logsumexp(a, 0)", a=TENSORS)
calls("torch.logsumexp(a, (0, 1))", "torch.logsumexp(a, 1, keepdim=True)", a=MORE[:3])
calls("torch.logsumexp(a, 0)", a=(given([1000.0, 1000.0]), given([-float("inf")] * 2), given([float("inf"), 1.0])))
calls("torch.softmax(a, 0)", "torch.log_softmax(a, 0)", a=TENSORS)
calls("torch.softmax(a, -1)", "torch.log_softmax(a, dim=1)", a=(*MORE[:4], longs([[1, 2], [3, 4]])))
calls("torch.softmax(a, 1, torch.float64)", "torch.log_softmax(a, 1, dtype=torch.float64)", a=(floats(2, 3), longs([[1, 2]])))
calls("torch.softmax(a, 2)", "F.softmax(a, dim=1)", "F.log_softmax(a, dim=1)", a=floats(2, 3))
calls("torch.softmax(a, 0)", "torch.log_softmax(a, 0)", a=(given([1000.0, -1000.0]), given([-float("inf")] * 2)))

calls("F.softmax(a)", "F.log_softmax(a)", a=(*SHAPES, floats(2, 1, 2, 2), longs([1, 2])), forms=False)

calls("torch.norm(a)", "torch.norm(a, dim=0)", a=(*TENSORS, given([0.0, 0.0])))
for p in ("1", "2", "3", "0", "0.5", "1.5", "float('inf')", "-float('inf')", "'fro'"):
    calls(f"torch.norm(a, p={p})", f"torch.norm(a, {p}, 1)", a=(floats(2, 3), floats(2, 3, region="zeros")))
calls("torch.norm(a, 2, (0, 1), True)", "torch.norm(a, dtype=torch.float64)", a=floats(2, 3))

calls("torch.all(a)", "torch.any(a)", "torch.all(a, 0)", "torch.any(a, -1)", a=(*TENSORS, bools([[True, False], [True, True]])))
calls("torch.all(a, 1, keepdim=True)", "torch.any(a, (0, 1))", "torch.all(a, 2)", a=floats(2, 3, region="zeros"))

# ---- in order ----------------------------------------------------------------------------------

# PyTorch's own median reads beyond a stretched tensor.
STEADY = (*SHAPES[:6], *TENSORS[7:])
calls("torch.median(a)", "torch.median(a, 0)", a=(*STEADY, floats(0, 3), floats(5), floats(2, 3, region="nans")))
calls("torch.median(a, 1, True)", "torch.median(a, dim=-1)", "torch.median(a, 2)", a=floats(2, 3))
calls("torch.median(a)", a=floats(6, region="ties"))
calls("torch.sort(a)", "torch.sort(a, 0)", "torch.sort(a, descending=True)", a=(*TENSORS, floats(2, 3, region="nans")))
calls("torch.sort(a, 1, True)", "torch.sort(a, dim=0, descending=True, stable=True)", "torch.sort(a, 2)", a=(floats(2, 3), floats(2, 3, region="ties")))
calls("torch.argsort(a)", "torch.argsort(a, 0, True)", "torch.argsort(a, dim=0, descending=True)", a=(floats(2, 3), longs([3, 1, 2])))
calls("torch.topk(a, 2)", "torch.topk(a, 1, 0)", a=(floats(2, 3), floats(3, dtype="int64"), floats(0, 3), floats(2, 3, region="nans")))
calls("torch.topk(a, 2, largest=False)", "torch.topk(a, 2, 1, False, True)", a=(floats(2, 3), floats(2, 3, region="nans")))
calls("torch.topk(a, 1)", "torch.topk(a, 2)", "torch.topk(a, 4)", "torch.topk(a, -1)", a=(floats(), floats(3)))

# ---- running -----------------------------------------------------------------------------------

calls("torch.cumsum(a, 0)", "torch.cumprod(a, 0)", a=TENSORS[:-1])
calls("torch.cumsum(a, 0)", "torch.cumprod(a, 0)", a=TENSORS[-1], forms=False)
calls("torch.cumsum(a, -1)", "torch.cumprod(a, 1)", "torch.cumsum(a, 2)", a=(floats(2, 3), floats(2, 3, region="zeros")))
calls("torch.cumprod(a, 0)", a=(given([2.0, 0.0, 3.0]), given([0.0, 3.0, 0.0]), given([0.0])))
calls("torch.cumsum(a, 0, dtype=torch.float64)", "torch.cumprod(a, 0, dtype=torch.float64)", a=(floats(2, 3), longs([1, 2])), forms=False)
