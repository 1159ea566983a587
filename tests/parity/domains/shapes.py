"""Views, and what joins, cuts, repeats and turns tensors."""

from __future__ import annotations

from .domain import DTYPES, SHAPES, Family, bools, floats, longs, others, typed

family = Family("shapes")
calls = family.calls

PLAIN = (floats(2, 3), floats(3, 2, layout="turned"), floats(2, 3, layout="spread"), floats(3, 2, layout="stretched"))
CUBE = (floats(2, 3, 2), floats(2, 3, 2, layout="turned"))
ONES = (floats(1, 3, 1), floats(1), floats(), floats(2, 3), floats(1, 0, 1))

# ---- the same elements in another shape --------------------------------------------------------

for size in ("6", "3, 2", "-1", "1, 6", "(2, -1)", "4", "-1, 4", "-1, -1", "-2", "2, 3"):
    calls(f"a.view({size})", f"a.reshape({size})", a=PLAIN, forms=False)
calls("a.view(-1)", "a.reshape(-1)", "a.view(0)", "a.reshape(0, -1)", a=(floats(), floats(0), floats(0, 3)), forms=False)
calls("torch.reshape(a, (3, 2))", "torch.reshape(a, (6,))", a=PLAIN)
calls("a.reshape()", "a.reshape(shape=(3, 2))", "a.expand('a')", "a.flip('a')", "a.expand(torch.Size([2, 3]))", a=floats(2, 3), forms=False)
calls("torch.flatten(a)", "torch.flatten(a, 1)", "torch.flatten(a, 0, -2)", a=(*PLAIN, *CUBE, floats()))
calls("torch.flatten(a, 1, 0)", "torch.flatten(a, 5)", "torch.flatten(a, 1, 1)", a=floats(2, 3))
calls("torch.unflatten(a, 0, (2, 2))", "torch.unflatten(a, -1, (-1, 1))", a=(floats(4, 3), floats(4, 3, layout="turned")))
calls("torch.unflatten(a, 0, (3, 2))", "torch.unflatten(a, 0, ())", "torch.unflatten(a, 3, (2,))", a=floats(4, 3))
calls("torch.squeeze(a)", "torch.squeeze(a, 0)", "torch.squeeze(a, -1)", "torch.squeeze(a, (0, -1))", a=ONES)
calls("torch.squeeze(a, 3)", "torch.squeeze(a, (0, 0))", "torch.squeeze(a, dim=1)", a=floats(1, 3, 1))
calls("torch.unsqueeze(a, 0)", "torch.unsqueeze(a, -1)", "torch.unsqueeze(a, 1)", a=(*PLAIN, floats()))
calls("torch.unsqueeze(a, 3)", "torch.unsqueeze(a, -4)", a=floats(2, 3))
calls("torch.clone(a)", "a.contiguous()", "a.is_contiguous()", a=(*SHAPES, *typed(floats(2), DTYPES[1:])), forms=False)

# ---- the dimensions in another order -----------------------------------------------------------

calls("torch.transpose(a, 0, 1)", "torch.transpose(a, -1, 0)", "torch.transpose(a, 0, 0)", a=(*PLAIN, *CUBE))
calls("torch.transpose(a, 0, 3)", "torch.transpose(a, 0, -1)", a=(floats(2, 3), floats()))
calls("torch.t(a)", "a.T", "a.mT", a=(*PLAIN, floats(3), floats()))
calls("torch.t(a)", "a.T", "a.mT", a=floats(2, 3, 2), forms=False)
calls("a.permute(1, 0)", "a.permute((0, 1))", "a.permute(-1, 0)", a=PLAIN, forms=False)
calls("torch.permute(a, (2, 0, 1))", "torch.permute(a, (-1, 1, 0))", a=CUBE)
calls("a.permute(0)", "a.permute(0, 0)", "a.permute(0, 4)", a=floats(2, 3), forms=False)
calls("torch.movedim(a, 0, 1)", "torch.movedim(a, 0, -1)", "torch.movedim(a, (0, 1), (-1, 0))", a=CUBE)
calls("torch.movedim(a, 0, 5)", "torch.movedim(a, (0, 1), (0,))", "torch.movedim(a, (0, 1), (1, 1))", a=floats(2, 3))
calls("torch.movedim(a, 0, 0)", a=floats())

# ---- fewer elements, or the same ones several times ---------------------------------------------

calls("a.expand(2, 3)", "a.expand(-1, 3)", "a.expand(4, 2, 3)", a=(floats(2, 1), floats(1, 3), floats(2, 3)), forms=False)
calls("a.expand(3)", "a.expand(2, 4)", "a.expand((2, 3))", a=(floats(2, 3), floats(3), floats()), forms=False)
calls("a.expand(-1, 2, 3)", a=(floats(2, 3), floats(3)), forms=False)
calls("a.expand_as(b)", a=(floats(1, 3), floats()), b=others(2, 3), forms=False)
calls("torch.broadcast_to(a, (2, 3))", "torch.broadcast_to(a, (2,))", a=(floats(3), floats(2, 1)))
calls("torch.as_strided(a, (2, 2), (1, 2))", "torch.as_strided(a, (3,), (2,), 1)", a=(floats(2, 3), floats(3, 2, layout="turned")))
calls("torch.as_strided(a, (2, 2), (1, 1))", "torch.as_strided(a, (2, 3), (0, 1))", a=floats(6))
calls("torch.as_strided(a, (9,), (1,))", "torch.as_strided(a, (2,), (-1,))", "torch.as_strided(a, (2,), (1, 1))", a=floats(6))
calls("torch.narrow(a, 0, 1, 1)", "torch.narrow(a, -1, -2, 2)", "torch.narrow(a, 1, 0, 0)", a=PLAIN)
calls("torch.narrow(a, 1, 2, 2)", "torch.narrow(a, 1, 4, 1)", "torch.narrow(a, 1, 0, -1)", a=floats(2, 3))
calls("torch.select(a, 0, 1)", "torch.select(a, -1, -1)", "torch.select(a, 0, 5)", "torch.select(a, 3, 0)", a=(*PLAIN, floats()))
calls("torch.diagonal(a)", "torch.diagonal(a, 1)", "torch.diagonal(a, -1, 1, 0)", a=(floats(3, 3), *PLAIN[:2]))
calls("torch.diagonal(a, 0, -2, -1)", "torch.diagonal(a, offset=5)", "torch.diagonal(a, 0, 1, 1)", a=(floats(2, 3, 2), floats(3)))

# ---- cut and joined ----------------------------------------------------------------------------

calls("torch.split(a, 1)", "torch.split(a, 2, 1)", "torch.split(a, [1, 2], dim=-1)", "torch.split(a, 5)", a=PLAIN)
calls("torch.split(a, 0)", "torch.split(a, -1)", "torch.split(a, [1, 2])", "torch.split(a, [3, -1])", a=(floats(2, 3), floats()))
calls("torch.split(a, 1)", "torch.split(a, 0)", "torch.chunk(a, 3)", "torch.unbind(a)", a=floats(0, 3))
calls("torch.chunk(a, 2)", "torch.chunk(a, 2, -1)", "torch.chunk(a, 5, 1)", "torch.chunk(a, 0)", a=(floats(2, 3), floats()))
calls("torch.unbind(a)", "torch.unbind(a, 1)", "torch.unbind(a, -1)", "torch.unbind(a, 2)", a=(*PLAIN, floats()))
calls("tuple(a)", "len(a)", a=(floats(2, 3), floats(3), floats(), floats(0, 3)), forms=False)

TWO = {"a": PLAIN[:2], "b": (floats(3, 2), others(2, 3), others(2, 2), others(4), others(0), others())}
for dim in ("0", "1", "-1", "3"):
    calls(f"torch.cat([a, b], {dim})", f"torch.cat((b, a), dim={dim})", **TWO)
    calls(f"torch.stack([a, b], {dim})", **TWO)
calls("torch.cat([a, b])", "torch.stack([a, b])", a=typed(floats(2), DTYPES), b=typed(others(2), ("float32", "float64", "int64", "bool")))
calls("torch.cat([a, a])", "torch.stack([a, a, a], -1)", "torch.cat([a])", "torch.cat([a, 1])", "torch.cat(a)", a=(*PLAIN, floats()))
calls("torch.cat([])", "torch.stack([])", a=floats(1))

# ---- repeated and turned -----------------------------------------------------------------------

calls("a.repeat(2, 1)", "a.repeat(1, 2, 3)", "a.repeat((2, 2))", "a.repeat(2)", "a.repeat(0, 1)", "a.repeat(-1, 1)", a=PLAIN, forms=False)
calls("a.repeat(3)", "a.repeat(2, 2)", "a.repeat(1)", a=(floats(), floats(2), floats(0), longs([1, 2])), forms=False)
calls("torch.roll(a, 1)", "torch.roll(a, 1, 0)", "torch.roll(a, (1, -1), (0, 1))", "torch.roll(a, 4, -1)", a=(*PLAIN, bools([[True, False]])))
calls("torch.roll(a, 1, 2)", "torch.roll(a, (1, 1), 0)", "torch.roll(a, (1, 1))", "torch.roll(a, 1)", a=floats(2, 3))
calls("torch.roll(a, 1)", a=floats())
calls("torch.flip(a, (0,))", "torch.flip(a, (0, 1))", "torch.flip(a, (-1,))", a=(*PLAIN, longs([[1, 2], [3, 4]])))
calls("a.flip(0)", "a.flip(0, 1)", "a.flip(2)", "a.flip(0, 0)", "a.flip((0, -2))", a=floats(2, 3), forms=False)
