"""Brackets, and reading and writing at places given by tensors."""

from __future__ import annotations

from .domain import Family, bools, floats, given, longs, others, typed

family = Family("places")
calls = family.calls

A = (floats(2, 3), floats(3, 2, layout="turned"))
I = longs([0, 1])  # noqa: E741
MASK = bools([[True, False, True], [False, True, True]])

# ---- brackets ----------------------------------------------------------------------------------

for index in (
    "0", "-1", "5", "0, 1", "0, 0, 0", ":", "1:", "::2", ":, 1:", "-1:", ":-1", "...", "None", "..., 0",
    "0, None", "None, :, 1", "1:1", "::-1", "1.5", "()", "0:9, 0:9", "0:2",
):  # fmt: skip
    calls(f"a[{index}]", a=(*A, floats()), forms=False)
calls("a[True]", "a[False]", "a[True, 0]", a=(A[0], floats()), forms=False)
for index in (
    "i", ":, i", "i, i", "i, None", "None, i", "..., i", "i, ...", "i, 1:", "1:, i", "i, :", "0, i", "i, 0",
    ":, None, i", "i[:, None], i", "i, None, i", "i > 0", "i.int()", "-i", "[0, 1]", "[1, 0], [0, 1]", ":, [0, 1]",
    "[]", "[True, False]", "i + 5", "i - 9", "i.float()", "i.byte()", "i.short()", "i, i, i", "torch.tensor(1)",
    "torch.tensor(1), 0", "torch.tensor(True)", "[[0, 1], [1, 0]]", "i.reshape(2, 1)", "(i,)", "i[:1], i",
):  # fmt: skip
    calls(f"a[{index}]", a=floats(2, 3), i=I, forms=False)
for index in ("i, :, i", ":, i, i", "i, 0", "0, :, i", "i, 0, i", ":, i, 0", "i, i, i", "i, ..., i", ":, :, i"):
    calls(f"a[{index}]", a=floats(2, 2, 3), i=I, forms=False)
for index in ("m", "m[0]", "m, 0", "m[:, 0]", ":, m[0]", "0, m[0]", "m.byte()", "~m", "m[:1]", "m & False"):
    calls(f"a[{index}]", a=A[0], m=MASK, forms=False)
calls("a[m]", "a[i]", "a[i, i]", a=typed(floats(2, 3), ("float64", "float16", "int64", "bool")), m=MASK, i=I, forms=False)
calls("a[i]", a=(floats(2, 3), floats(0, 3), floats()), i=(longs([0, 0, 0]), longs([]), longs([[0, 0]])), forms=False)

for index in (
    "0", ":, 1", "...", "None", "1:", "i", ":, i", "i, i", "m", "0, i", "i > 0", "True", "[0, 1]", ":", "0, 0",
    "False", "5", "m[0]", "i, 1:", "m.byte()",
):  # fmt: skip
    for value in ("1.0", "b", "b[0]", "b[0, 0]", "b[:, :1]", "True", "b[:1, :2]", "[1.0]"):
        calls(f"c[{index}] = {value}", a=floats(2, 3), b=others(2, 3), i=I, m=MASK, forms=False)
calls("c[i] = b", "c[0] = b[0]", "c[m] = b[0, 0]", a=typed(floats(2, 3), ("float64", "float16", "int64", "bool")), b=(others(2, 3), longs([[1, 2, 3], [4, 5, 6]])), i=I, m=MASK, forms=False)
calls("c[i] = b", "c[i, i] = b[:, 0]", a=floats(2, 3), b=others(2, 3), i=longs([1, 1]), forms=False)
calls("c.t()[i] = b", "c.view(-1)[i] = b[:, 0]", a=floats(3, 2), b=others(2, 3), i=I, forms=False)

calls("torch.index_put(a, (i,), b)", "torch.index_put(a, (i, i), b[:, 0], accumulate=True)", a=A[0], b=others(2, 3), i=(I, longs([1, 1])))
calls("torch.index_put(a, (m,), b)", a=A[0], b=(others(4), others()), m=MASK)

# ---- along a dimension -------------------------------------------------------------------------

GRID = longs([[0, 1, 0], [1, 0, 1]])
PLACES = (GRID, longs([[1, 0]]), longs([[0], [1]]), longs([[0, 5]]), longs([[-1]]), longs([0, 1]), given([[0.0]]), longs([]))
calls("torch.gather(a, 1, i)", "torch.gather(a, 0, i)", "torch.gather(a, -1, i)", a=A[0], i=PLACES)
calls("torch.gather(a, 1, i)", a=(floats(3, 2, layout="turned"), floats(2, 2, dtype="int64")), i=longs([[0], [1]]))
calls("torch.gather(a, 0, i)", "torch.gather(a, 5, i)", a=(floats(), floats(3)), i=(longs([0]), given(0, "int64"), longs([0, 2, 0])))
calls("torch.gather(a, 0, i)", a=floats(2, 3), i=longs([[0], [1], [0]]))
for name in ("scatter", "scatter_add"):
    calls(f"torch.{name}(a, 1, i, b)", a=A[0], i=PLACES, b=others(2, 3))
    calls(f"torch.{name}(a, 0, i, b)", a=(*A, floats(2, 3, dtype="int64")), i=longs([[0, 1]]), b=(others(2, 2), others(1, 3), others(2, 3, dtype="int64")))
    calls(f"torch.{name}(a, 0, i, b)", a=floats(2, 3), i=longs([[0], [1], [0]]), b=others(3, 3))
    calls(f"torch.{name}(a, 0, i, b)", a=(floats(3), floats()), i=(longs([0]), given(0, "int64")), b=(others(1), others()))
calls("torch.scatter(a, 1, i, 2.5)", "torch.scatter(a, -1, i, value=3)", a=(A[0], floats(2, 3, dtype="int64")), i=PLACES[:4])
calls("torch.scatter(a, 1, i, src=b)", "torch.scatter_add(a, 1, index=i, src=b)", a=A[0], i=GRID, b=others(2, 3))
calls("torch.index_select(a, 0, i)", "torch.index_select(a, -1, i)", a=A, i=(longs([1, 0, 1]), longs([5]), longs([-1]), longs([[0]]), given([0.0]), longs([]), given(0, "int64")))
calls("torch.index_select(a, 0, i)", a=(floats(), floats(2, 2, 2)), i=(longs([0]), longs([0, 0])))
calls("torch.index_add(a, 0, i, b)", "torch.index_add(a, 0, i, b, alpha=2)", a=A[0], i=(I, longs([1, 1]), longs([5, 0]), longs([-1, 0]), longs([0])), b=others(2, 3))
calls("torch.index_add(a, 1, i, b)", a=(A[0], floats(2, 3, dtype="int64")), i=I, b=(others(2, 2), others(1, 2), others(2, 2, dtype="int64")))
calls("torch.index_add(a, 0, i, b)", a=floats(3), i=(I, given(1, "int64")), b=(others(2), others(1)))
calls("torch.masked_select(a, m)", a=(*A[:1], floats(3), floats()), m=(MASK, bools([True, False, True]), longs([1, 0, 1]), bools([True, False])))
