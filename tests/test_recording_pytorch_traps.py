"""Corners of PyTorch where tensors only stand for others: recorded, they do what they do alone."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable

import numpy as np
import pytest

from autograd_core import Player, record
from autograd_core.recording import events as e
from autograd_core.recording.trace import Trace

from .parity import oracle

torch = oracle.pytorch()
pytestmark = pytest.mark.skipif(
    torch is None and not oracle.REQUIRED, reason="PyTorch 2.13.0 is not installed"
)


def traced() -> list:
    layer = torch.nn.Linear(3, 3)
    x = torch.randn(2, 3, requires_grad=True)
    once = torch.jit.trace(layer, (x,))
    for _ in range(3):
        once(x).sum().backward()
    return [[node.kind() for node in once.graph.nodes()], x.grad.tolist(), layer.weight.grad.tolist()]


def transforms() -> list:
    from torch.func import functional_call, grad, jacrev, vmap

    layer, x = torch.nn.Linear(3, 1), torch.randn(5, 3)
    weights = {name: each.detach() for name, each in layer.named_parameters()}
    each = vmap(grad(lambda weights, x: functional_call(layer, weights, (x,)).sum()), in_dims=(None, 0))
    return [each(weights, x)["weight"].tolist(), jacrev(torch.sin)(x[0]).tolist()]


def fake_tensors() -> list:
    from torch._subclasses.fake_tensor import FakeTensorMode

    with FakeTensorMode():
        x = torch.randn(2, 3, requires_grad=True)
        out = torch.nn.Linear(3, 4)(x).relu().sum()
        out.backward()
        out.detach().zero_()
    with torch.device("meta"):
        layer = torch.nn.Linear(1000, 1000)
        layer(torch.ones(2, 1000)).sum().backward()
    return [x.grad.shape, layer.weight.grad.device.type]


def a_class_that_hears_of_all() -> list:
    calls = []

    class Logged(torch.Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            calls.append(getattr(func, "__name__", ""))
            return super().__torch_function__(func, types, args, kwargs or {})

    x = torch.randn(3).as_subclass(Logged).requires_grad_()
    out = (x * x).sin()
    out[0] = 1.0
    out.add_(1)
    out[1:].sum().backward()
    return [type(out).__name__, x.grad.tolist(), calls]


def who_counts_operations() -> list:
    from torch.utils._python_dispatch import TorchDispatchMode

    counted = []

    class Count(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            counted.append(str(func))
            return func(*args, **(kwargs or {}))

    with Count():
        x = torch.ones(3, 2, requires_grad=True)
        (x.t() * 2).exp().sum().backward()
        torch.ones(100).bfloat16()[::2].mul_(3)
        torch.ones(3, dtype=torch.complex64).conj() * 2
    return [counted, x.grad.tolist()]


def kinds_of_tensors() -> list:
    values = torch.randn(3, requires_grad=True)
    sparse = torch.sparse_coo_tensor(torch.tensor([[0, 1, 1], [2, 0, 2]]), values, (2, 3))
    torch.sparse.mm(sparse, torch.ones(3, 2)).sum().backward()
    z = torch.randn(3, dtype=torch.complex64, requires_grad=True)
    ((z * z.conj()).real.sum() + torch.view_as_real(z).sum()).backward()
    nested = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], requires_grad=True)
    (nested * 2).to_padded_tensor(0.0).sum().backward()
    ragged = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=torch.jagged)
    small = torch.quantize_per_tensor(torch.randn(4), 0.1, 0, torch.qint8)
    zeros = torch._efficientzerotensor(3) + 1
    eighth = torch.ones(3).to(torch.float8_e4m3fn)
    return [
        values.grad.tolist(),
        z.grad.tolist(),
        [each.tolist() for each in nested.grad.unbind()],
        (ragged * 3).values().tolist(),
        small.int_repr().tolist(),
        zeros.tolist(),
        eighth.float().tolist(),
    ]


def lazy_parameters() -> list:
    net = torch.nn.Sequential(torch.nn.LazyLinear(2), torch.nn.ReLU())
    optimizer = torch.optim.Adam(net.parameters())
    net(torch.randn(4, 3)).sum().backward()
    optimizer.step()
    return [each.tolist() for each in net.parameters()]


def checkpointing() -> list:
    from torch.utils.checkpoint import checkpoint

    net = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Dropout(0.3))
    x = torch.randn(5, 4, requires_grad=True)
    for reentrant in (True, False):
        checkpoint(net, x, use_reentrant=reentrant).sum().backward()
    return [x.grad.tolist(), *(each.grad.tolist() for each in net.parameters())]


def gradients_of_gradients() -> list:
    w = torch.randn(3, requires_grad=True)
    hessian = torch.autograd.functional.hessian(lambda a: (a**3).sum(), w.detach())
    jacobian = torch.autograd.functional.jacobian(torch.sin, w.detach(), vectorize=True)
    batched = torch.autograd.grad(w * 2, w, torch.eye(3), is_grads_batched=True)
    checked = torch.autograd.gradgradcheck(torch.sin, torch.randn(2, dtype=torch.double, requires_grad=True))
    return [hessian.tolist(), jacobian.tolist(), batched[0].tolist(), checked]


@pytest.mark.parametrize(
    "corner",
    [
        traced,
        transforms,
        fake_tensors,
        a_class_that_hears_of_all,
        who_counts_operations,
        kinds_of_tensors,
        lazy_parameters,
        checkpointing,
        gradients_of_gradients,
    ],
    ids=lambda corner: corner.__name__,
)
@pytest.mark.filterwarnings("ignore")
def test_what_is_recorded_does_what_it_does_alone(corner: Callable[[], list], tmp_path) -> None:
    found = []
    for recording in (contextlib.nullcontext(), record(None, backend="torch")):
        torch.manual_seed(0)
        with warnings.catch_warnings(record=True) as warned, recording as trace:
            warnings.simplefilter("always")
            found.append(corner())
        assert not [each for each in warned if "The recording ends here" in str(each.message)]
    assert found[0] == found[1]
    trace.save(tmp_path / "run.json")
    again = Trace.load(tmp_path / "run.json")
    assert len(again) == len(trace) > 0
    for number in range(1, len(again.steps) + 1, 7):
        again.at(number)
    assert str(Player(again))
    if len(again.steps) < 120:
        Player(again).html()


class Elsewhere:
    """A tensor on a device that cannot be looked at without waiting for it: whoever tries is told off."""

    shape, is_meta, is_cpu = (2,), False, False

    def __init__(self, tensor: torch.Tensor) -> None:
        self.dtype, self.layout, self.untyped_storage = tensor.dtype, tensor.layout, tensor.untyped_storage
        self.data_ptr = tensor.data_ptr

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"`{name}` of a tensor on another device")


def test_what_lies_on_another_device_is_neither_moved_nor_read() -> None:
    from autograd_core.recording.pytorch.memory import held, numbers

    assert held(Elsewhere(torch.ones(2))) == (b"", (2,), np.dtype(np.float32))
    assert numbers(Elsewhere(torch.ones(2))) is None


def test_numbers_that_are_not_shown_are_told_as_that() -> None:
    with record(backend="torch") as trace:
        torch.ones(2, device="meta")
        torch.eye(2).to_sparse()
    made = [event.value for event in trace.events if isinstance(event, e.TensorCreated)]
    assert [(value.text, value.data) for value in made][::2] == [
        ("values of shape (2,)", None),
        ("values of shape (2, 2)", None),
    ]


def test_a_warning_is_of_the_line_it_is_of_alone(monkeypatch) -> None:
    code = compile(
        "out = torch.ones(2, requires_grad=True) * 2\n"
        "for _ in range(3):\n"
        "    out.grad\n"
        "out.grad\n"
        "torch.nn.MSELoss()(torch.ones(2, 1), torch.ones(2))\n"
        "torch.nn.functional.mse_loss(torch.ones(2, 1), torch.ones(2))\n",
        "program.py",
        "exec",
    )
    shown = []
    for recording in (contextlib.nullcontext(), record(backend="torch")):
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            monkeypatch.setattr(warnings, "showwarning", lambda *told: shown[-1].append((str(told[0]), *told[1:4])))
            shown.append([])
            with recording:
                exec(code, {"torch": torch, "__name__": "program"})
    assert shown[0] == shown[1]
    assert [line for _, _, file, line in shown[0] if file == "program.py"] == [3, 4, 6]
