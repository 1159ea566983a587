"""Products of matrices, and parts of them."""

from __future__ import annotations

from .domain import Family, floats, longs, others, typed

family = Family("matrices")
calls = family.calls

NUMERIC = ("float32", "float64", "float16", "int64", "int32")
LEFT = (floats(2, 3), floats(2, 3, layout="turned"), floats(0, 3), floats(2, 3, layout="spread"))
RIGHT = (others(3, 4), others(3, 4, layout="turned"))
WRONG = (others(2, 3), others(3), others(3, 4, dtype="float64"), others(3, 4, dtype="int64"))

calls("torch.mm(a, b)", "torch.matmul(a, b)", "a @ b", a=LEFT, b=RIGHT)
calls("torch.mm(a, b)", "torch.matmul(a, b)", a=floats(2, 3), b=WRONG)
calls("torch.mm(a, a)", "torch.matmul(a, a)", a=typed(floats(2, 2), (*NUMERIC, "bool")))
calls("torch.bmm(a, b)", a=(floats(2, 2, 3), floats(2, 2, 3, layout="turned")), b=others(2, 3, 2))
calls("torch.bmm(a, b)", a=floats(2, 2, 3), b=(others(2, 2, 3), others(3, 3, 2), others(2, 3)))
calls("torch.bmm(a, b)", a=floats(1, 2, 3), b=others(1, 3, 2, dtype="float64"))
calls("torch.mv(a, b)", a=LEFT, b=(others(3), others(2), others(2, 3), others(3, dtype="float64")))
calls("torch.dot(a, b)", a=(floats(3), floats(2, 3)), b=(others(3), others(2), longs([1, 2, 3])))
calls("torch.outer(a, b)", a=(floats(3), floats(2, 3)), b=(others(2), longs([1, 2])))
for shapes in (
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 2, 3), (3,)), ((3,), (2, 3, 2)),
    ((2, 2, 3), (3, 4)), ((2, 3), (2, 3, 2)), ((2, 2, 3), (2, 3, 2)), ((2, 2, 3), (1, 3, 2)),
    ((2, 1, 2, 3), (3, 3, 2)), ((2, 2, 3), (2, 2, 3)), ((2, 2, 3), (3, 3, 2)), ((), (3,)),
    ((0, 3), (3, 2)), ((2, 0), (0, 3)), ((2, 2, 3), (2,)), ((2,), (3, 2)),
):  # fmt: skip
    calls("torch.matmul(a, b)", a=floats(*shapes[0]), b=others(*shapes[1]))
calls("torch.matmul(a, b)", "a @ b", a=floats(2, 2, 3, layout="turned"), b=others(3, 2, grad=False))
calls("a @ 2", "torch.matmul(a, 2)", a=floats(2, 2), forms=False)

INPUT = (others(2, 4), others(4), others(2, 1), others(), others(2, 3))
SUMS = ("torch.addmm(a, b, m)", "torch.addmm(a, b, m, beta=2, alpha=0.5)")
calls(*SUMS, a=INPUT[0], b=LEFT[0], m=RIGHT)
calls(*SUMS, a=INPUT[1:], b=LEFT[0], m=RIGHT[0], forms=False)
calls("torch.addmm(a, b, m, beta=0)", a=floats(2, 4), b=LEFT[0], m=(RIGHT[0], others(3), others(2, 4)))

calls("torch.tril(a)", "torch.triu(a)", a=typed(floats(3, 4), (*NUMERIC, "bool")))
calls("torch.tril(a, 1)", "torch.tril(a, -1)", "torch.triu(a, diagonal=1)", a=(floats(3, 3), floats(2, 3, 3)))
calls("torch.tril(a)", "torch.trace(a)", a=(floats(3), floats(0, 3), floats(3, 2, layout="turned")))
calls("torch.trace(a)", a=typed(floats(3, 3), ("float32", "float64", "int64")))
calls("torch.diag(a)", "torch.diag(a, 1)", "torch.diag(a, -1)", a=(floats(3), floats(3, 3), floats(2, 3), floats(2, 2, 2), longs([1, 2])))

for equation in ("ij,jk->ik", "ij,jk", "ij,jk->ki", "ij,kj->ik", "ij,jk->", "ij,jk->il", "i j , j k -> i k"):
    calls(f"torch.einsum('{equation}', a, b)", a=floats(2, 3), b=others(3, 2))
for equation in ("ij,ij->ij", "ij,ij->", "ij,ij->i", "ij,kj->ik", "ij,ik->ijk", "ij,kl->ijkl", "ij,ij->j"):
    calls(f"torch.einsum('{equation}', a, b)", a=floats(2, 3), b=others(2, 3))
for equation in ("ij->ji", "ij->", "ij->i", "ij", "ii->i", "ii", "...j->j...", "ijk", "i2->i", "ji->"):
    calls(f"torch.einsum('{equation}', a)", a=(floats(2, 2), floats(2, 3)), forms=False)
calls("torch.einsum('...ij,...jk->...ik', a, b)", a=floats(2, 2, 3), b=(others(2, 3, 2), others(3, 2)))
calls("torch.einsum('i,i', a, b)", "torch.einsum('i,j->ij', a, b)", "torch.einsum('i,j', a, b)", a=floats(3), b=others(3))
calls("torch.einsum('ij,jk,k->i', a, b, c0)", a=floats(2, 3), b=others(3, 2), c0=floats(2))
calls("torch.einsum('ij,jk->ik', [a, b])", "torch.einsum('ij', a, b)", a=floats(2, 3), b=others(3, 2))
calls("torch.einsum('ij,jk->ik', a, a)", "torch.einsum('ij,jk', a)", a=floats(2, 3))
calls("torch.einsum('bij,bjk->bik', a, b)", a=floats(2, 2, 3), b=others(2, 3, 2))
