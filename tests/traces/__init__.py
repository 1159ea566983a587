"""The source documents' examples as event lists, written by hand.

They stand on their own, so that a mistake in the recorder cannot hide a mistake in a picture.
`recorded` is for programs that would be too long to write down so.
"""

# fmt: off
from __future__ import annotations

import contextlib
import textwrap

import autograd_core
from autograd_core.recording import events as e
from autograd_core.recording.trace import Trace

A = "[1.2000, 3.4000, 5.6000]"
OUT = "[0.7685, 0.9677, 0.9963]"
GRAD = "[0.1779, 0.0313, 0.0037]"

MISMATCH = (
    "one of the variables needed for gradient computation has been modified by an inplace "
    "operation: [FloatTensor [3]], which is output 0 of Sigmoid, is at version 1; expected version "
    "0 instead. Hint: enable anomaly detection to find the operation that failed to compute its "
    "gradient, with torch.autograd.set_detect_anomaly(True, check_nan=False)."
)
NO_GRAD_FN = "element 0 of tensors does not require grad and does not have a grad_fn"


def vec(text: str, shape: tuple[int, ...] = (3,)) -> e.Value:
    return e.Value(text, shape, "float32")


def at(line: int, text: str) -> e.Place:
    return e.Place("<cell>", line, text)


def leaf_and_sigmoid() -> list[e.Event]:
    """`a` and `out = a.sigmoid()`, with which all the examples start."""
    one = at(1, "a = tensor([1.2, 3.4, 5.6], requires_grad=True)")
    two = at(2, "out = a.sigmoid()")
    return [
        e.TensorCreated(
            tensor="t0", storage="s0", counter="c0", version=0, value=vec(A), op="tensor",
            requires_grad=True, is_leaf=True, place=one,
            expression="tensor([1.2, 3.4, 5.6], requires_grad=True)",
        ),
        e.Named(tensor="t0", names=("a",), place=one),
        e.OpRan(op="sigmoid", inputs=("t0",), outputs=("t1",), node="n1", place=two),
        e.NodeCreated(
            node="n0", name="AccumulateGrad", next_functions=(), variable="t0", place=two
        ),
        e.NodeCreated(
            node="n1", name="SigmoidBackward0", next_functions=(e.Edge("n0", 0),), place=two
        ),
        e.TensorCreated(
            tensor="t1", storage="s1", counter="c1", version=0, value=vec(OUT), op="sigmoid",
            requires_grad=True, is_leaf=False, grad_fn="n1", place=two, expression="a.sigmoid()",
        ),
        e.TensorSaved(
            node="n1", field="result", tensor="t1", counter="c1", expected=0, place=two
        ),
        e.Named(tensor="t1", names=("out",), place=two),
    ]


def alias_of_out(how: str, line: int = 3) -> list[e.Event]:
    """`c = out.detach()` or `c = out.data`: the same storage, for `.data` another counter."""
    detach = how == "detach"
    expression = "out.detach()" if detach else "out.data"
    place = at(line, f"c = {expression}")
    return [
        e.AliasMade(source="t1", alias="t2", how=how, same_counter=detach, place=place),
        e.TensorCreated(
            tensor="t2", storage="s1", counter="c1" if detach else "c2", version=0, value=vec(OUT),
            op=how, requires_grad=False, is_leaf=True, place=place, expression=expression,
        ),
        e.Named(tensor="t2", names=("c",), place=place),
    ]


def zero(counter: str, line: int = 4) -> list[e.Event]:
    zeros = vec("[0., 0., 0.]")
    return [
        e.VersionBumped(
            op="zero_", tensor="t2", storage="s1", counter=counter, before=0, after=1,
            values=(("t1", zeros), ("t2", zeros)), place=at(line, "c.zero_()"),
        )
    ]


def sum_and_backward(line: int, total: str, grad: str | None) -> list[e.Event]:
    """`out.sum().backward()`; where `grad` is None, sigmoid finds a changed result and raises."""
    place = at(line, "out.sum().backward()")
    ones = vec("[1., 1., 1.]")
    events: list[e.Event] = [
        e.OpRan(op="sum", inputs=("t1",), outputs=("t3",), node="n2", place=place),
        e.NodeCreated(
            node="n2", name="SumBackward0", next_functions=(e.Edge("n1", 0),), place=place
        ),
        e.TensorCreated(
            tensor="t3", storage="s2", counter="c3", version=0, value=vec(total, ()), op="sum",
            requires_grad=True, is_leaf=False, grad_fn="n2", place=place, expression="out.sum()",
        ),
        e.BackwardStarted(roots=("t3",), place=place),
        e.NodeRan(node="n2", grads_in=(vec("1.", ()),), grads_out=(ones,), place=place),
        e.NodeFreed(node="n2", place=place),
    ]
    if grad is None:
        return events + [
            e.ErrorRaised(
                type="RuntimeError", message=MISMATCH, node="n1", field="result", expected=0,
                found=1, place=place,
            )
        ]
    return events + [
        e.NodeRan(node="n1", grads_in=(ones,), grads_out=(vec(grad),), place=place),
        e.NodeFreed(node="n1", place=place),
        e.NodeRan(node="n0", grads_in=(vec(grad),), grads_out=(), place=place),
        e.GradAccumulated(tensor="t0", grad=vec(grad), how="stolen", place=place),
        e.BackwardEnded(place=place),
        e.TensorDeleted(tensor="t3"),
        e.NodeDeleted(node="n2"),
    ]


def e1() -> Trace:
    """Normal backward."""
    return Trace(leaf_and_sigmoid() + sum_and_backward(3, "2.7325", GRAD))


def e2() -> Trace:
    """Detach, and never write."""
    return Trace(leaf_and_sigmoid() + alias_of_out("detach") + sum_and_backward(4, "2.7325", GRAD))


def e3() -> Trace:
    """Backward through the detached tensor."""
    place = at(4, "c.sum().backward()")
    return Trace(
        leaf_and_sigmoid()
        + alias_of_out("detach")
        + [
            e.OpRan(op="sum", inputs=("t2",), outputs=("t3",), place=place),
            e.TensorCreated(
                tensor="t3", storage="s2", counter="c3", version=0, value=vec("2.7325", ()),
                op="sum", requires_grad=False, is_leaf=True, place=place, expression="c.sum()",
            ),
            e.BackwardStarted(roots=("t3",), place=place),
            e.ErrorRaised(type="RuntimeError", message=NO_GRAD_FN, place=place),
        ]
    )


def e4() -> Trace:
    """`zero_` after detach: the write that sigmoid's saved result does not survive."""
    return Trace(
        leaf_and_sigmoid()
        + alias_of_out("detach")
        + zero("c1")
        + sum_and_backward(5, "0.", None)
    )


def data() -> Trace:
    """The same write through `.data`: a counter of its own, no error, a silently wrong gradient."""
    backward = sum_and_backward(5, "0.", "[0., 0., 0.]")
    used = next(i for i, event in enumerate(backward) if getattr(event, "node", "") == "n1"
                and isinstance(event, e.NodeRan))
    place, zeros, true = backward[used].place, vec("[0., 0., 0.]"), vec(GRAD)
    noticed = e.SavedChanged(node="n1", field="result", version=0, computed=(zeros,), true=(true,),
                             place=place)
    wrong = e.GradWrong(tensor="t0", computed=zeros, true=true, off=0.1779, place=place)
    ended = next(i for i, event in enumerate(backward) if isinstance(event, e.BackwardEnded)) + 1
    return Trace(
        leaf_and_sigmoid()
        + alias_of_out(".data")
        + zero("c2")
        + backward[: used + 1]
        + [noticed]
        + backward[used + 1 : ended]
        + [wrong]
        + backward[ended:]
    )


def recorded(program: str) -> Trace:
    """The trace of a program's lines; it may end with an error, and its variables live on."""
    lines = textwrap.indent(textwrap.dedent(program), "    ")
    names = {"torch": autograd_core, "record": autograd_core.record}
    with contextlib.suppress(Exception):
        exec(f"with record() as trace:\n    pass\n{lines}", names)
    return names["trace"]
