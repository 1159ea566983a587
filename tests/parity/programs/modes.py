"""Modes: who switches recording on and off, for how long, and what remains of inference mode."""

import torch


def decorators():
    a = torch.tensor([1.0], requires_grad=True)

    @torch.no_grad()
    def f(x):
        return (x * 2, torch.is_grad_enabled())

    @torch.no_grad
    def g(x):
        return x * 2

    @torch.set_grad_enabled(False)
    def h(x):
        return x * 2

    torch.is_grad_enabled()

    @torch.inference_mode
    def i(x):
        return (x * 2).is_inference()

    @torch.enable_grad()
    def j(x):
        return x * 2

    (f(a), g(a), h(a), i(a), f.__name__)
    with torch.no_grad():
        print(j(a))

    class C:
        @torch.no_grad()
        def f(self, x):
            return x * 2

        @staticmethod
        @torch.no_grad()
        def s(x):
            return x * 2

    (C().f(a), C.s(a))
    torch.no_grad()(lambda x: x * 2)(a)
    torch.set_grad_enabled(1)


def generators():
    a = torch.tensor([1.0], requires_grad=True)

    @torch.no_grad()
    def gen(x):
        print(torch.is_grad_enabled())
        y = yield (x * 2)
        print(torch.is_grad_enabled(), y)
        try:
            yield (x * 3)
        except ValueError as e:
            print("caught", torch.is_grad_enabled())
            yield 5
        finally:
            print("finally", torch.is_grad_enabled())
        return 7

    it = gen(a)
    (next(it), torch.is_grad_enabled())
    (it.send(4), torch.is_grad_enabled())
    (it.throw(ValueError()), torch.is_grad_enabled())
    next(it)
    torch.is_grad_enabled()
    it = gen(a)
    next(it)
    it.send(1)
    it.close()
    list(gen(a))


def contexts():
    a = torch.tensor([1.0], requires_grad=True)
    with torch.no_grad() as x:
        print(x, torch.is_grad_enabled())
    with torch.set_grad_enabled(False) as x:
        print(x)
    torch.is_grad_enabled()
    with torch.no_grad():
        with torch.enable_grad():
            print(torch.is_grad_enabled())
        print(torch.is_grad_enabled())
    try:
        with torch.no_grad():
            1 / 0
    except ZeroDivisionError:
        print(torch.is_grad_enabled())
    with torch.inference_mode() as x:
        print(x, torch.is_inference_mode_enabled(), torch.is_grad_enabled())
    with torch.inference_mode(False):
        print(torch.is_inference_mode_enabled(), torch.is_grad_enabled())
    with torch.inference_mode():
        with torch.inference_mode(False):
            print(torch.is_inference_mode_enabled(), torch.is_grad_enabled())
        with torch.enable_grad():
            print(torch.is_grad_enabled(), (a * 2).requires_grad)
    torch.set_grad_enabled(mode=False)
    torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    torch.is_grad_enabled()


def inference_tensors():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.inference_mode():
        i, v, w, d, c = (torch.ones(2), a * 2, a.view(2, 1), a.detach(), a.clone())
    (i.is_inference(), v.is_inference(), w.is_inference(), d.is_inference(), c.is_inference())
    i._version
    i.add_(1)
    i * a
    i + a
    i.requires_grad_()
    i.requires_grad = True
    (
        i.clone().is_inference(),
        (i * 2).is_inference(),
        i.view(1, 2).is_inference(),
        i.detach().is_inference(),
    )
    i.clone() * a
    i[0] = 5
    i.set_(torch.ones(2))
    i.unsqueeze_(0)
    with torch.inference_mode():
        i.add_(1)
        a.add_(1)
    a._version
    with torch.inference_mode():
        print((a * 2).requires_grad, torch.ones(2, requires_grad=True).requires_grad)
    with torch.inference_mode():
        (a * 2).sum().backward()
    a.grad = i
    torch.cat([torch.ones(1, 2, requires_grad=True), i])
    i.register_hook(lambda g: g)
    i.retain_grad()


def anomaly_mode():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.autograd.set_detect_anomaly(True, check_nan=False):
        print(torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled())
        ((a - 1).sqrt() * 0).sum().backward()
    a.grad
    (torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled())
    with torch.autograd.detect_anomaly():
        print(torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled())
