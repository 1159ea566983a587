"""What a node of an operation does in backward: written out for each operation, its fields by name.

A node unpacks what it saved, and runs the formulas of those gradients that somebody asked for. For
`mul` that is, after a look whether the node was freed,

    other, self = node.kept
    if type(other) is Tensor and other._own_counter is None and not on_tensors:
        other = other._array  # without a counter it was not written, nor cut: see `quick`
    elif other is not None:
        other = node.value(0, grad, on_tensors)
    ...  # the same for `self`
    asked_0, asked_1 = asked
    return [
        None if asked_0 is None else formula_0(grad, other),
        None if asked_1 is None else formula_1(grad, self),
    ]

The surprising idea: Python is made to write these lines, and no loop over the fields of whatever
operation does the same; that would take a tenth of a small backward more. After a backward,
`node.apply.source` shows what was written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from . import errors
from .signatures import names_of
from .tensor import Tensor

BEGIN = """\
def apply(node, grads, on_tensors, asked=None):
    kept, grad = node.kept, grads[0]
    if kept is None:
        raise RuntimeError(SECOND_BACKWARD)
"""
FIELD = """\
    if type({0}) is Tensor and {0}._own_counter is None and not on_tensors:
        {0} = {0}._array
    elif {0} is not None:
        {0} = node.value({1}, grad, on_tensors)
"""
ASK = """\
    if asked is None:
        asked = node.asked()
    if grad is None:
        return [None] * len(asked)
"""


def written_out(
    formulas: Sequence[Callable], saved: Sequence[str], plain: Sequence[str], joins: bool
) -> Callable:
    """`OperationNode.apply` for the nodes of these formulas, that keep these fields.

    `joins`: there is one formula, which gives the gradients of all tensors in a list.
    """
    wanted = [names_of(formula) for formula in formulas]
    calls = [f"formula_{i}({', '.join(['grad', *names[1:]])})" for i, names in enumerate(wanted)]
    lines = [BEGIN]
    if saved:
        lines.append(f"    {', '.join(saved)}, = kept\n")
        lines += [FIELD.format(field, index) for index, field in enumerate(saved)]
    if plain:
        lines.append(f"    {', '.join(plain)}, = node.plain\n")
    if any(names[0] == "grads" for names in wanted):
        lines.append("    grad = node.all_of(grads, on_tensors)\n")
    lines.append(ASK)
    if joins:
        lines.append(f"    return [each and result for each, result in zip(asked, {calls[0]})]\n")
    else:
        each = [f"None if asked_{i} is None else {call}" for i, call in enumerate(calls)]
        lines.append(f"    {', '.join(f'asked_{i}' for i in range(len(calls)))}, = asked\n")
        lines.append(f"    return [{', '.join(each)}]\n")
    source = "".join(lines)
    known = {f"formula_{i}": formula for i, formula in enumerate(formulas)}
    known |= {"Tensor": Tensor, "SECOND_BACKWARD": errors.SECOND_BACKWARD, "__name__": __name__}
    exec(compile(source, __file__, "exec"), known)
    known["apply"].source = source
    return known["apply"]
