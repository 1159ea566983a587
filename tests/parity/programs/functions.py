"""Functions whose gradient the user writes: what they save, write, return and forget."""

import torch


def saves_inputs_and_what_it_likes():

    class Product(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, y, k=2):
            ctx.save_for_backward(x, y)
            ctx.k = k
            print(ctx.needs_input_grad)
            return x * y * k

        @staticmethod
        def backward(ctx, g):
            x, y = ctx.saved_tensors
            print(ctx.needs_input_grad, type(g).__name__, ctx.k)
            return (g * y * ctx.k, g * x * ctx.k, None)

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = torch.tensor([3.0, 4.0])
    o = Product.apply(a, b)
    o
    (
        o.grad_fn.name(),
        o.grad_fn.saved_tensors,
        o.grad_fn.next_functions[1:],
        o.grad_fn.needs_input_grad,
    )
    o.sum().backward()
    o.grad_fn.saved_tensors
    (Product.apply(a, b, 3), Product.apply(a, b, k=3), Product.apply(x=a, y=b))
    Product.apply(a)
    Product.apply(a, b, 3, 4)
    Product()
    Product.apply(b, b).requires_grad
    with torch.no_grad():
        c = Product.apply(a, b)
    with torch.inference_mode():
        d = Product.apply(a, b)


def forward_without_a_ctx():

    class Times(torch.autograd.Function):
        @staticmethod
        def forward(x, y, k=2):
            return x * y * k

        @staticmethod
        def setup_context(ctx, inputs, output):
            print(inputs, output)
            ctx.save_for_backward(output)

        @staticmethod
        def backward(ctx, g):
            print(ctx.needs_input_grad, ctx.saved_tensors)
            return (g, None, None)

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    Times.apply(a, 2)
    Times.apply(a, y=2)
    Times.apply(a, y=2, k=4).sum().backward()
    Times.apply(y=2, x=a)
    Times.apply(a)
    Times.apply(a, 1, 2, 3)
    Times.apply(a, z=1)


def without_forward_or_backward():

    class Nothing(torch.autograd.Function):
        pass

    class NoBackward(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

    class Vjp(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def vjp(ctx, g):
            return g * 7

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    Nothing.apply(a)
    NoBackward.apply(a)
    NoBackward.apply(a).sum().backward()
    NoBackward.apply()
    NoBackward.apply(3)
    Vjp.apply(a).sum().backward()
    a.grad


def saves_what_cannot_be_saved():

    class Number(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x, 3)
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g

    class Twice(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            print(ctx.saved_tensors)
            ctx.save_for_backward(x)
            ctx.save_for_backward(x * 2, None)
            return x * 1

        @staticmethod
        def backward(ctx, g):
            print(ctx.saved_tensors)
            return g

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    Number.apply(a)
    Number.apply(a.detach())
    Twice.apply(a).sum().backward()


def writes_its_input():

    class Honest(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            return x.mul_(2)

        @staticmethod
        def backward(ctx, g):
            return g * 2

    class Silent(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.mul_(2)

        @staticmethod
        def backward(ctx, g):
            return g * 2

    class Forgetful(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            x.mul_(2)
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return g

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    c = a * 1
    d = Honest.apply(c)
    (d is c, c.is_leaf)
    d.sum().backward()
    Honest.apply(a)
    e = a * 1
    f = Silent.apply(e)
    f is e
    Forgetful.apply(a * 1)
    Forgetful.apply(torch.ones(1))


def returns_its_input():

    class Same(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x

        @staticmethod
        def backward(ctx, g):
            return g * 5

    class View(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.view(-1)

        @staticmethod
        def backward(ctx, g):
            return g

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    d = Same.apply(a)
    (d is a, d._is_view(), d._base is a)
    d.mul_(2)
    d.sum().backward()
    e = Same.apply(torch.ones(2))
    e._is_view()
    f = View.apply(a)
    f._is_view()
    f.mul_(2)


def several_results():

    class Two(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return (x * 2, x * 3)

        @staticmethod
        def backward(ctx, g, h):
            print(g, h)
            return g + h

    class AsTheyCome(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return (x * 2, x * 3)

        @staticmethod
        def backward(ctx, g, h):
            print(g, h)
            return g if h is None else h

    class NotAll(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y = x > 0
            ctx.mark_non_differentiable(y)
            return (x * 2, y)

        @staticmethod
        def backward(ctx, g, h):
            print(g, h)
            return g

    class Others(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return (x * 2, 3, None, [x])

        @staticmethod
        def backward(ctx, *g):
            print(g)
            return g[0] * 2

    class TheSame(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y = x * 2
            return (y, y)

        @staticmethod
        def backward(ctx, g, h):
            print(g, h)
            return g + h

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    p, q = Two.apply(a)
    p.mul_(2)
    (p.sum() + q.sum()).backward()
    u, v = AsTheyCome.apply(a)
    v.sum().backward()
    s, t = NotAll.apply(a)
    s.sum().backward()
    Others.apply(a)
    Others.apply(a)[0].sum().backward()
    m, n = TheSame.apply(a)
    m is n
    (m.sum() + n.sum()).backward()


def results_that_are_no_tensors():

    class Text(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return "x"

        @staticmethod
        def backward(ctx, g):
            return g

    class Listed(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return [x * 2, x * 3]

        @staticmethod
        def backward(ctx, g):
            return g

    class Integers(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.long()

        @staticmethod
        def backward(ctx, g):
            return g

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    Text.apply(a)
    Listed.apply(a)
    Integers.apply(a)


def backward_returns_something_else():

    class Returns(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, what):
            ctx.what = what
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return ctx.what(g)

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    Returns.apply(a, lambda g: (None, None)).sum().backward()
    Returns.apply(a, lambda g: g).sum().backward()
    Returns.apply(a, lambda g: (g, None, None)).sum().backward()
    Returns.apply(a, lambda g: (g, g)).sum().backward()
    Returns.apply(a, lambda g: (g, None, g)).sum().backward()
    Returns.apply(a, lambda g: (3, None)).sum().backward()
    Returns.apply(a, lambda g: (torch.ones(3), None)).sum().backward()
    Returns.apply(a, lambda g: (torch.ones(2, 2), None)).sum().backward()
    Returns.apply(a, lambda g: (torch.ones(1, dtype=torch.float64), None)).sum().backward()
    Returns.apply(a, lambda g: 1 / 0).sum().backward()
    a.grad


def grad_mode_inside():

    class Look(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y = x * 2
            print(torch.is_grad_enabled(), x.requires_grad, y.requires_grad)
            return y

        @staticmethod
        def backward(ctx, g):
            print(torch.is_grad_enabled(), g.requires_grad)
            return g

    class Inner(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            with torch.enable_grad():
                ctx.inside = x.detach().requires_grad_()
                ctx.out = ctx.inside**2
            return ctx.out.detach()

        @staticmethod
        def backward(ctx, g):
            ctx.out.backward(g)
            return ctx.inside.grad

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    Look.apply(a).sum().backward()
    torch.autograd.grad(Look.apply(a).sum(), a, create_graph=True)
    Inner.apply(a * 3).sum().backward()
    a.grad


def second_derivatives():

    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * 3 * x**2

    class Once(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * 3 * x**2

    a = torch.tensor([1.0, 2.0], requires_grad=True)
    (g,) = torch.autograd.grad(Cube.apply(a).sum(), a, create_graph=True)
    g.sum().backward()
    a.grad
    (h,) = torch.autograd.grad(Once.apply(a).sum(), a, create_graph=True)
    h.sum().backward()
    out = Cube.apply(a)
    with torch.no_grad():
        a.add_(1)
    out.sum().backward()
    out = Cube.apply(a)
    out.sum().backward(retain_graph=True)
    out.sum().backward()
    out.sum().backward()
    with torch.autograd.graph.saved_tensors_hooks(
        lambda t: (print("pack", t), t)[1], lambda t: (print("unpack", t), t)[1]
    ):
        out = Cube.apply(a)
    out.sum().backward()


def writes_a_view():
    class Increment(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            x.add_(1)
            ctx.mark_dirty(x)
            return x

        @staticmethod
        def backward(ctx, g):
            return g * 2

    a = torch.ones(3, requires_grad=True)
    b = a.clone()
    part = b[:2]
    out = Increment.apply(part)
    out is part, b, b.grad_fn
    torch.autograd.grad((b * b).sum(), a)


def called_as_before_there_were_static_methods():
    class Old(torch.autograd.Function):
        def forward(self, x):
            return x * 2

    a = torch.ones(1, requires_grad=True)
    old = Old()
    old(a)
    Old()(a)
