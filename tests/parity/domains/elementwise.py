"""Operations that act on each element by itself."""

from __future__ import annotations

from .domain import DTYPES, FLOATING, SHAPES, Family, bools, floats, given, longs, others, typed

family = Family("elementwise")
calls = family.calls

# ---- of one tensor -----------------------------------------------------------------------------

EVERYWHERE = (*SHAPES, floats(13, region="edges"), *typed(floats(4), DTYPES[1:]))
ABOVE_ZERO = (*typed(floats(2, 3, region="positive"), DTYPES), *EVERYWHERE[1:8])
INSIDE_ONE = (*typed(floats(2, 3, region="unit"), DTYPES), *EVERYWHERE[1:8])

calls(
    "torch.neg(a)", "torch.abs(a)", "torch.sign(a)", "torch.square(a)", "torch.reciprocal(a)",
    a=EVERYWHERE,
)  # fmt: skip
calls("torch.exp(a)", "torch.exp2(a)", "torch.expm1(a)", "torch.erf(a)", a=EVERYWHERE)
calls(
    "torch.sqrt(a)", "torch.rsqrt(a)", "torch.log(a)", "torch.log2(a)", "torch.log10(a)",
    "torch.log1p(a)",
    a=ABOVE_ZERO,
)  # fmt: skip
calls("torch.sin(a)", "torch.cos(a)", "torch.tan(a)", "torch.atan(a)", a=EVERYWHERE)
calls("torch.asin(a)", "torch.acos(a)", a=INSIDE_ONE)
calls("torch.sinh(a)", "torch.cosh(a)", "torch.tanh(a)", "torch.sigmoid(a)", a=EVERYWHERE)
calls("torch.relu(a)", "F.relu(a)", "F.leaky_relu(a)", "F.elu(a)", a=EVERYWHERE)
calls("F.silu(a)", "F.softplus(a)", "F.gelu(a, approximate='tanh')", a=EVERYWHERE)
# PyTorch's own gelu says inf or nan at inf, by how many numbers there are.
calls("F.gelu(a)", a=(*SHAPES, floats(11, region="finite"), *typed(floats(4), DTYPES[1:])))
calls("F.leaky_relu(a, 0.2)", "F.elu(a, 0.5)", "F.softplus(a, 2.0, 1.5)", a=floats(2, 3))
calls("F.relu(c, inplace=True)", "F.silu(c, inplace=True)", a=floats(2, 3), forms=False)
calls("F.elu(c, inplace=True)", "F.leaky_relu(c, inplace=True)", a=floats(2, 3), forms=False)
calls("F.sigmoid(a)", "F.tanh(a)", a=floats(2, 3))
calls("torch.floor(a)", "torch.ceil(a)", "torch.round(a)", "torch.trunc(a)", a=EVERYWHERE)
calls("torch.round(a, decimals=1)", a=(floats(2, 3), floats(3, dtype="int64")))
calls("torch.round(a)", a=given([0.5, 1.5, 2.5, -0.5, -1.5]))
calls("torch.isnan(a)", "torch.isinf(a)", "torch.isfinite(a)", a=EVERYWHERE)
calls("torch.logical_not(a)", "torch.bitwise_not(a)", "~a", a=EVERYWHERE)
calls("-a", "+a", "abs(a)", a=EVERYWHERE, forms=False)

# ---- of two tensors ----------------------------------------------------------------------------

A_ROW, A_COLUMN = others(3), others(2, 1)
NUMBER = (floats(), floats(dtype="float64"), floats(dtype="int64"), floats(dtype="bool"))
WIDE = tuple(dtype for dtype in DTYPES if dtype != "float16")
CORNERS = {"a": floats(8, 1, region="corners"), "b": floats(8, region="corners")}
BROADCAST = (others(2, 3), A_ROW, A_COLUMN, others(3, 2, layout="turned"), others(4), others(0))

ARITHMETIC = (
    "torch.add(a, b)", "torch.sub(a, b)", "torch.mul(a, b)", "torch.div(a, b)",
    "torch.remainder(a, b)", "torch.fmod(a, b)",
)  # fmt: skip
ANGLES = ("torch.atan2(a, b)", "torch.hypot(a, b)")
CHOICE = ("torch.maximum(a, b)", "torch.minimum(a, b)")
COMPARISON = (
    "torch.eq(a, b)", "torch.ne(a, b)", "torch.lt(a, b)", "torch.le(a, b)", "torch.gt(a, b)",
    "torch.ge(a, b)",
)  # fmt: skip
LOGIC = ("torch.logical_and(a, b)", "torch.logical_or(a, b)", "torch.logical_xor(a, b)")
BITS = (
    "torch.bitwise_and(a, b)", "torch.bitwise_or(a, b)", "torch.bitwise_xor(a, b)",
    "torch.bitwise_left_shift(a, b)", "torch.bitwise_right_shift(a, b)",
)  # fmt: skip
OF_TWO = (*ARITHMETIC, *CHOICE, *COMPARISON)
TO_FLOATS = (*ANGLES, "torch.pow(a, b)")

calls(*OF_TWO, *TO_FLOATS, *LOGIC, a=floats(2, 3), b=BROADCAST)
calls(*OF_TWO, *TO_FLOATS, *LOGIC, **CORNERS, forms=False, full=False)
PROMOTED = (ARITHMETIC[0], ARITHMETIC[3], CHOICE[0], COMPARISON[0], LOGIC[0])  # one of each kind
calls(*PROMOTED, a=typed(floats(3)), b=typed(others(3)), full=False)
calls(*PROMOTED, a=typed(floats(3), WIDE), b=NUMBER, full=False)
for dtype in DTYPES:
    calls(*OF_TWO, *LOGIC, a=floats(3, dtype=dtype), b=(others(3, dtype=dtype), longs(2)), full=False)
calls(*TO_FLOATS, a=typed(floats(3, region="positive"), FLOATING), b=typed(others(3), FLOATING), full=False)
calls(*TO_FLOATS, a=typed(floats(3, region="positive"), FLOATING), b=NUMBER[:3], full=False)
calls("torch.hypot(a, b)", "torch.atan2(a, b)", a=longs([3, -2]), b=longs([4, 0]), full=False)
calls("torch.pow(a, b)", a=longs([3, -2]), b=(longs([4, 0]), longs([2, -1]), bools([True, False])))
calls(*BITS, a=typed(floats(3), DTYPES[3:]), b=typed(others(3), DTYPES[3:]))
calls(*BITS, a=floats(3), b=others(3))
calls(*ARITHMETIC, *COMPARISON, "torch.pow(a, b)", a=(floats(2, 3), floats()), b=floats())

for number in ("2", "-1.5", "0", "True"):
    texts = [text.replace("b)", f"{number})") for text in (*ARITHMETIC, *COMPARISON)]
    calls(*texts, a=typed(floats(3), WIDE[: None if number != "0" else -1]))
    operators = [f"a {sign} {number}" for sign in "+ - * / % ** == != < <= > >=".split()]
    reflected = [f"{number} {sign} a" for sign in "+ - * / % == != < <= > >=".split()]
    calls(*operators, *reflected, a=typed(floats(3)), forms=False, full=False)
calls("2 ** a", "0 ** a", "1.5 ** a", a=(*typed(floats(3), FLOATING), longs([3, 1])), forms=False)
for number in ("2", "True"):
    operators = [f"a {sign} {number}" for sign in "& | ^ << >>".split()]
    reflected = [f"{number} {sign} a" for sign in "& | ^ << >>".split()]
    calls(*operators, *reflected, a=typed(floats(3), WIDE), forms=False, full=False)
for sign in "+ - * / % ** == != < <= > >= & | ^ << >>".split():
    calls(f"a {sign} b", a=(floats(2, 3), longs([3, 1, 2])), b=A_ROW, forms=False)
for name in "add sub mul truediv mod pow".split():
    calls(f"c.__i{name}__(b)", a=(floats(2, 3), floats(3)), b=A_ROW, forms=False)
    calls(f"c.__i{name}__(2)", a=typed(floats(3)), forms=False)
for name in "and or xor lshift rshift".split():
    calls(f"c.__i{name}__(True)", a=(longs([3, 1]), bools([True, False]), floats(2)), forms=False)
for number in ("-1", "63", "64", "257"):  # beyond the bits that there are, and then by a byte's own count
    calls(f"a << {number}", f"a >> {number}", a=typed(floats(4), DTYPES[3:6]), forms=False)


# PyTorch has no derivative for these, and its nodes for them leave out the edges to nowhere.
WITHOUT = typed(floats(3), grad=False)
calls("torch.floor_divide(a, b)", a=WITHOUT, b=typed(others(3), grad=False))
calls("torch.floor_divide(a, 2)", "torch.floor_divide(a, -1.5)", a=WITHOUT)
calls("torch.floor_divide(a, 0)", a=WITHOUT[:-1])
calls("torch.floor_divide(a, b)", "a // b", a=floats(3), b=others(3), forms=False)
calls("a // 2", "a // 0", "2 // a", "-1.5 // a", a=WITHOUT, forms=False)
calls("c.__ifloordiv__(b)", "c.__ifloordiv__(2)", a=WITHOUT, b=others(3, grad=False), forms=False)

calls("torch.add(a, b, alpha=2)", "torch.sub(a, b, alpha=2)", a=floats(2, 3), b=A_ROW)
calls("torch.add(a, 3, alpha=2)", a=(floats(2, 3), longs([1, 2])))
calls("torch.add(a, 3, alpha=2.5)", a=(floats(2, 3), longs([1, 2])))
for mode in ("floor", "trunc", "up"):
    calls(f"torch.div(a, b, rounding_mode='{mode}')", a=typed(floats(3)), b=typed(others(3)))
    calls(f"torch.div(a, 2, rounding_mode='{mode}')", a=typed(floats(4)))

# ---- powers ------------------------------------------------------------------------------------

BASES = (floats(2, 3), floats(6, region="zeros"), floats(13, region="edges"))
for exponent in ("0", "1", "2", "3", "-1", "0.5", "2.0", "-0.5", "1.5", "True"):
    calls(f"torch.pow(a, {exponent})", a=(*BASES, *typed(floats(3), DTYPES[1:])))
calls("torch.pow(2, a)", "torch.pow(0, a)", "torch.pow(1.5, a)", a=(*BASES, longs([0, 1, 3])))
calls("torch.pow(a, b)", a=floats(4, region="zeros"), b=given([0.0, 0.0, 1.0, -1.0]))

# ---- of three ----------------------------------------------------------------------------------

calls("torch.lerp(a, b, 0.3)", "torch.lerp(a, b, 0.7)", a=(floats(2, 3), floats()), b=BROADCAST[:4])
calls("torch.lerp(a, b, w)", a=floats(2, 3), b=BROADCAST[:3], w=(floats(2, 3, region="unit"), floats(3)))
calls("torch.addcmul(a, b, w)", "torch.addcmul(a, b, w, value=0.5)", a=floats(2, 3), b=A_ROW, w=A_COLUMN)
calls("torch.addcmul(a, b, w, value=2)", a=longs([1, 2]), b=longs([3, 4]), w=longs([5, 6]))

LIMITED = (floats(2, 3), floats(13, region="edges"), floats(), floats(3, dtype="int64"))
calls("torch.clamp(a, -0.5, 1.0)", "torch.clip(a, -0.5, 1.0)", "torch.clip(a, min=0.5)", a=LIMITED[:3])
calls("torch.clamp(a, min=0)", "torch.clamp(a, max=1)", "torch.clamp(a)", a=LIMITED)
calls("torch.clamp(a, -0.5, 1.5)", a=LIMITED[3], forms=False)
calls("torch.clamp(a, 1, -1)", "torch.clamp(a, 0, None)", a=LIMITED)
calls("torch.clamp(a, b, w)", a=floats(2, 3), b=given([-0.5, 0.0, 1.0]), w=given([1.0, 0.0, 0.5]))
calls("torch.clamp(a, min=b)", "torch.clamp(a, max=b)", a=floats(2, 3), b=given([0.3, -1.2, 3.0]))

MASK = bools([[True, False, True], [False, True, True]])
calls("torch.where(m, a, b)", a=floats(2, 3), b=BROADCAST[:4], m=(MASK, bools([True, False, True])))
calls("torch.where(m, a, 0)", "torch.where(m, 1.5, a)", a=floats(2, 3), m=MASK)
calls("torch.where(m, a, b)", a=typed(floats(2)), b=typed(others(2)), m=bools([True, False]), full=False)
calls("torch.where(m, 1, 2)", "torch.where(m, 1.0, 2)", a=floats(1), m=MASK)
calls("torch.where(a, a, a)", a=(floats(2), given([1, 0], "uint8")))
calls("torch.where(a)", a=(*EVERYWHERE, floats(6, region="zeros"), bools(True)), forms=False)
calls("torch.masked_fill(a, m, 9)", a=typed(floats(2, 3)), m=MASK)
calls("torch.masked_fill(a, m, 9)", a=floats(4), m=MASK, forms=False)
calls("torch.masked_fill(a, m, 2.5)", a=typed(floats(2, 3)), m=(bools([True, False, True]), MASK))
calls("torch.masked_fill(a, m, b)", a=floats(2, 3), m=MASK, b=(floats(), floats(1), longs(3)))
calls("torch.masked_fill(a, m, 9)", a=floats(3), m=longs([1, 0, 1]))

calls("torch.allclose(a, b)", "torch.equal(a, b)", a=floats(2, 3), b=(floats(2, 3), others(2, 3), A_ROW))
calls("torch.allclose(a, a, equal_nan=True)", "torch.equal(a, a)", a=floats(13, region="edges"))
