"""Hooks in recorded PyTorch: heard of wherever they are registered, and doing what they do alone."""

from __future__ import annotations

import contextlib
import functools

import pytest

from autograd_core import record
from autograd_core.recording import events as e

from .parity import oracle

torch = oracle.pytorch()
pytestmark = pytest.mark.skipif(
    torch is None and not oracle.REQUIRED, reason="PyTorch 2.13.0 is not installed"
)


def of_kind(trace, kind: type) -> list:
    return [event for event in trace.events if isinstance(event, kind)]


def test_a_hook_on_a_node_is_told_with_its_node_and_what_it_made_of_the_gradients() -> None:
    with record(backend="torch") as trace:
        a = torch.ones(2, requires_grad=True)
        out, other = a * 2, a * 3
        out.grad_fn.register_prehook(lambda grads: (grads[0] + 1,))
        first = out.grad_fn.register_hook(lambda into, out_of: (into[0] * 10, None))
        other.grad_fn.register_hook(lambda into, out_of: None)
        (out + other).sum().backward()
        first.remove()
    assert a.grad.tolist() == [43.0, 43.0]
    registered = {event.hook: event for event in of_kind(trace, e.HookRegistered)}
    ops = {event.node: event.outputs for event in of_kind(trace, e.OpRan)}
    made = {event.names[0]: event.tensor for event in of_kind(trace, e.Named) if event.names}
    assert [(event.kind, *ops[event.node]) for event in registered.values()] == [
        ("before", made["out"]),
        ("after", made["out"]),
        ("after", made["other"]),
    ]
    ran = {event.hook: (event.before[0].data, event.after[0].data) for event in of_kind(trace, e.HookRan)}
    assert ran == {"h0": ([1.0, 1.0], [2.0, 2.0]), "h1": ([4.0, 4.0], [40.0, 40.0]), "h2": ([3.0, 3.0], [3.0, 3.0])}
    assert [event.hook for event in of_kind(trace, e.HookRemoved)] == ["h1"]


def test_a_hook_on_the_node_of_a_leaf_comes_after_the_gradient_has_arrived() -> None:
    with record(backend="torch") as trace:
        a = torch.ones(2, requires_grad=True)
        leaf = a.view_as(a).grad_fn.next_functions[0][0]
        leaf.register_hook(lambda into, out_of: None)
        a.register_post_accumulate_grad_hook(lambda tensor: None)
        (a * 2).sum().backward()
    kinds = [type(event) for event in trace.events if isinstance(event, (e.HookRan, e.GradAccumulated))]
    assert kinds == [e.GradAccumulated, e.HookRan, e.HookRan]


def test_the_node_is_named_whose_hook_fails_or_returns_what_is_refused() -> None:
    for hook in (lambda *grads: 1 / 0, lambda *grads: 5, lambda *grads: (torch.ones(7),)):
        for register in ("register_hook", "register_prehook"):
            with record(backend="torch") as trace:
                a = torch.ones(2, requires_grad=True)
                out = a.exp()
                getattr(out.grad_fn, register)(hook)
                with pytest.raises((ZeroDivisionError, TypeError, RuntimeError)):
                    out.sum().backward()
            names = {event.node: event.name for event in of_kind(trace, e.NodeCreated)}
            (error,) = of_kind(trace, e.ErrorRaised)
            assert names[error.node] == "ExpBackward0"
            assert not of_kind(trace, e.HookRan)


def test_the_tensor_that_a_pack_hook_is_handed_is_an_alias_of_what_was_saved() -> None:
    with record(backend="torch") as trace:
        a = torch.ones(2, requires_grad=True)
        (a * a).grad_fn._raw_saved_self.register_hooks(lambda kept: kept.clone(), lambda kept: kept)
    (alias,) = of_kind(trace, e.AliasMade)
    assert (alias.source, alias.how, alias.same_counter) == ("t0", "detach", True)
    assert [event.op for event in of_kind(trace, e.OpRan)] == ["mul", "clone"]


def test_what_hooks_on_all_that_is_saved_do_is_heard_of() -> None:
    def pack(tensor):
        return tensor.clone()

    with record(backend="torch") as trace:
        a = torch.ones(2, requires_grad=True)
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda kept: kept * 1):
            out = a.exp()
        out.detach().zero_()
        out.sum().backward()
    assert a.grad.tolist() == [torch.e] * 2 or a.grad.allclose(torch.tensor(torch.e))
    assert [event.op for event in of_kind(trace, e.OpRan)] == ["clone", "exp", "sum", "mul"]
    assert not of_kind(trace, e.ErrorRaised)


def everywhere(log: list) -> list:
    """Hooks of all kinds, on modules, tensors, nodes and what is saved; some of them change something."""
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))
    for module in net:
        module.register_full_backward_hook(lambda module, into, out: log.append(("module", len(into))))
        module.register_full_backward_pre_hook(lambda module, out: (out[0] * 2,))
    for each in net.parameters():
        each.register_post_accumulate_grad_hook(lambda leaf: log.append(leaf.grad.sum().item()))
        each.register_hook(functools.partial(torch.mul, 2.0))
    x = torch.randn(5, 3, requires_grad=True)
    several = torch.autograd.graph.register_multi_grad_hook([x], lambda grads: log.append("several"))
    with torch.autograd.graph.saved_tensors_hooks(lambda kept: kept * 1, lambda kept: kept):
        out = net(x).exp()
    out.grad_fn.register_hook(lambda into, out_of: (into[0] * 3,))
    for _ in range(2):
        out.sum().backward(retain_graph=True)
    several.remove()
    return [each.grad.tolist() for each in (x, *net.parameters())]


def test_hooks_do_what_they_do_alone() -> None:
    found = []
    for recording in (contextlib.nullcontext(), record(backend="torch")):
        log: list = []
        with recording:
            grads = everywhere(log)
        found.append((grads, log))
    assert found[0] == found[1]


def test_the_name_of_a_hook_in_an_error_is_what_it_is_alone() -> None:
    told = []
    for recording in (contextlib.nullcontext(), record(backend="torch")):
        with recording, pytest.raises(RuntimeError) as raised:
            a = torch.ones(2, requires_grad=True)
            a.register_hook(functools.partial(torch.mul, torch.ones(3, 2)))
            a.sum().backward()
        told.append(str(raised.value))
    assert told[0] == told[1] and "<unknown>" in told[0]
