"""How tensors print."""

import torch


def no_dims():
    print(torch.tensor(1.5))
    print(torch.tensor(3))
    print(torch.tensor(True))
    print(torch.tensor(-0.0))
    print(torch.tensor(1e10))
    print(torch.tensor(1.0))


def floats():
    print(torch.tensor([1.0, 2.0, 3.0]))
    print(torch.tensor([1.5, 2.25, 3.125]))
    print(torch.tensor([0.1, 0.12345678]))
    print(torch.tensor([-1.0, 1.0]))
    print(torch.tensor([-0.5, 100.25]))
    print(torch.tensor([0.0, -0.0]))


def floats_that_are_whole():
    print(torch.tensor([1.0]))
    print(torch.tensor([10.0, 200.0]))
    print(torch.tensor([-10.0, 200.0]))
    print(torch.tensor([100000000.0]))
    print(torch.tensor([1e8, 1.0]))
    print(torch.tensor([99999999.0, 1.0]))


def mixed_magnitudes():
    print(torch.tensor([1e-5, 1.0]))
    print(torch.tensor([0.001, 1000.0]))
    print(torch.tensor([0.0001, 1000.0]))
    print(torch.tensor([1.5, 1e8]))
    print(torch.tensor([1.5, 99999.0]))
    print(torch.tensor([1e-10, 1e10]))
    print(torch.tensor([1e-4, 2e-4]))
    print(torch.tensor([9e-5, 2e-4]))
    print(torch.tensor([-1e-10, 1.0, 1e10]))
    print(torch.tensor([0.0, 1e-8]))


def tiny_and_huge():
    print(torch.tensor([1e-38, 1e38]))
    print(torch.tensor([1e-45]))
    print(torch.tensor([1e-300, 1e300], dtype=torch.float64))
    print(torch.tensor(1e-300, dtype=torch.float64))
    print(torch.tensor([123456.789, 0.5]))


def nan_and_inf():
    nan, inf = float("nan"), float("inf")
    print(torch.tensor([nan, inf, -inf]))
    print(torch.tensor([1.0, nan]))
    print(torch.tensor([1.5, inf]))
    print(torch.tensor([-1.5, -inf, 1000.0]))
    print(torch.tensor([1e10, nan]))
    print(torch.tensor(nan))
    print(torch.tensor(inf, requires_grad=True))


def integers():
    print(torch.tensor([1, 2, 3]))
    print(torch.tensor([1, -20, 300]))
    print(torch.tensor([[1, 10], [100, 1000]]))
    print(torch.tensor([2**62, 1]))
    print(torch.tensor([0]))


def booleans():
    print(torch.tensor([True, False]))
    print(torch.tensor([[True], [False]]))
    print(torch.tensor([True, True]))


def other_dtypes():
    print(torch.tensor([1.0, 2.5], dtype=torch.float64))
    print(torch.tensor([1.0, 2.5], dtype=torch.float16))
    print(torch.tensor([1, 2], dtype=torch.int32))
    print(torch.tensor([1, 2], dtype=torch.uint8))
    print(torch.tensor(1.5, dtype=torch.float64))


def empties():
    print(torch.tensor([]))
    print(torch.tensor([[], []]))
    print(torch.tensor([], dtype=torch.int64))
    print(torch.tensor([], requires_grad=True))
    print(torch.tensor([[]], dtype=torch.float64))
    print(torch.tensor([]) * torch.tensor([], requires_grad=True))


def matrices():
    print(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    print(torch.tensor([[1.5, -20.25], [300.125, 4.0]]))
    print(torch.tensor([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]))
    print(torch.tensor([[[[1.0]]]]))
    print(torch.tensor([[1.0], [2.0], [3.0]]))


def with_requires_grad():
    print(torch.tensor([1.0, 2.0], requires_grad=True))
    print(torch.tensor(1.0, requires_grad=True))
    print(torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True))
    print(torch.tensor([1.0], dtype=torch.float64, requires_grad=True))


def with_grad_fn():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    print(a + 1)
    print(a - 1)
    print(a * 2)
    print(a / 2)
    print(-a)
    print(a**2)
    print(2 - a)
    print(2 / a)
    print(2**a)
    print(a.exp())
    print(a.sin())
    print(a.sigmoid())
    print(a.sum())
    print((a * 2).detach())
    print(a.data)


def with_grad_fn_and_dtype():
    a = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    print(a * 2)
    print((a * 2).sum())


def lines_are_broken():
    values = [float(i) for i in range(30)]
    print(torch.tensor(values))
    print(torch.tensor([v + 0.5 for v in values]))
    print(torch.tensor([v + 0.5 for v in values], requires_grad=True))
    print(torch.tensor([values, values]))
    print(torch.tensor(list(range(50))))
    print(torch.tensor([True, False] * 15))


def suffix_goes_to_a_line_of_its_own():
    a = torch.tensor([0.12345, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], requires_grad=True)
    print(a)
    print(a.sigmoid())
    print(a[0:7].sigmoid())
    print(torch.tensor([0.5] * 8, dtype=torch.float64, requires_grad=True).sigmoid())


def up_to_a_thousand_in_full():
    print(torch.tensor([float(i % 10) for i in range(1000)]))


def a_long_one_is_summarised():
    a = torch.tensor([float(i) for i in range(1001)])
    print(a)
    a.requires_grad_()
    print(a * 2)
    print(torch.tensor(list(range(2000))))
    print(torch.tensor([i + 0.25 for i in range(1500)]))


def a_big_matrix_is_summarised():
    row = [float(i) for i in range(40)]
    print(torch.tensor([row] * 40))
    print(torch.tensor([[1.0] * 2000, [2.5] * 2000]))
    print(torch.tensor([[1, 2, 3]] * 500))


def only_what_is_shown_sets_the_width():
    a = [0.5] * 1100
    a[500] = 1000.0
    print(torch.tensor(a))


def str_repr_and_format():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    str(a), repr(a)
    f"{a}"
    s = torch.tensor(1.23456, requires_grad=True)
    f"{s}"
    f"{s.detach():.2f}"
    f"{s:.2f}"
    f"{torch.tensor(3):5d}"
    f"{a.detach():.2f}"


def in_a_list():
    print([torch.tensor([1.0]), torch.tensor(2)])
    print({"a": torch.tensor([[1.0, 2.0], [3.0, 4.0]])})


def shapes_and_dtypes():
    a = torch.tensor([[1.0, 2.0]])
    print(a.shape, a.dtype)
    print(torch.tensor(1).shape)
    print(a.size(), a.dim(), a.numel())
    print(len(a), a.ndim)


def after_a_write():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    out = a * 2
    print(out)
    out.detach().zero_()
    print(out)
    out.add_(1)
    print(out)
    b = torch.tensor([1.0, 2.0])
    b.add_(a)
    print(b)


def print_options():
    torch.set_printoptions(precision=2)
    print(torch.tensor([1.23456, 2.0]))
    torch.set_printoptions(precision=4, sci_mode=True)
    print(torch.tensor([1.23456, 2.0]))
    torch.set_printoptions(sci_mode=False)
    print(torch.tensor([1e-8, 1.0]))
    torch.set_printoptions(threshold=5, edgeitems=1, linewidth=40)
    print(torch.arange(10.0))
    print(torch.arange(5.0) / 3, torch.ones(3, 4))
    torch.set_printoptions(profile="full")
    print(torch.arange(1002)[:1001].sum(), torch.ones(2, 2))
    torch.set_printoptions(profile="short")
    print(torch.arange(5.0) / 3, torch.arange(2000))
    torch.set_printoptions(profile="default")
    print(torch.tensor([1e-8, 1.0]))
