"""`tensor` and `ones`: what they infer, accept and refuse."""

import torch


def inferred_types():
    torch.tensor(1).dtype, torch.tensor(1.0).dtype, torch.tensor(True).dtype
    torch.tensor([1, 2]).dtype, torch.tensor([1, 2.0]).dtype, torch.tensor([True, 2]).dtype
    torch.tensor([]).dtype, torch.tensor([[], []]).dtype


def shapes():
    torch.tensor(1).shape
    torch.tensor([1, 2]).shape
    torch.tensor([[1, 2], [3, 4], [5, 6]]).shape
    torch.tensor([]).shape
    torch.tensor([[], []]).shape
    torch.tensor([[[1.0]]]).shape


def tuples_and_mixed_nesting():
    torch.tensor((1.0, 2.0))
    torch.tensor([(1, 2), [3, 4]])
    torch.tensor(range(3))


def given_dtype():
    torch.tensor([1, 2], dtype=torch.float32)
    torch.tensor([1.7, -1.7], dtype=torch.int64)
    torch.tensor([0.0, 0.5], dtype=torch.bool)
    torch.tensor([1, 2], dtype=torch.float64)
    torch.tensor([1, 2], dtype=torch.int32)


def every_dtype_prints_its_name():
    for name in "float16 float32 float64 int8 int16 int32 int64 uint8 bool".split():
        print(getattr(torch, name), torch.tensor([1, 0], dtype=getattr(torch, name)))


def unknown_dtype():
    torch.tensor([1.0], dtype="float32")
    torch.tensor([1.0], dtype=32)
    torch.tensor([1.0], dtype="no such type")


def python_types_as_dtype():
    torch.tensor([1, 0], dtype=float)
    torch.tensor([1.5, 0.0], dtype=int)
    torch.tensor([1.5, 0.0], dtype=bool)


def ragged_lists():
    torch.tensor([[1, 2], [3]])
    torch.tensor([[1], [2, 3]])
    torch.tensor([[1, 2], 3])
    torch.tensor([1, [2, 3]])
    torch.tensor([[[1], [2]], [[3], [4, 5]]])
    torch.tensor([1.0, [2.0]])
    torch.tensor([[], [1]])


def strings_and_other_things():
    torch.tensor("1")
    torch.tensor(["1", "2"])
    torch.tensor([1, "2"])
    torch.tensor([[1.0, "x"]])
    torch.tensor(None)
    torch.tensor([None])
    torch.tensor([1.0, None])
    torch.tensor({})
    torch.tensor({1, 2})
    torch.tensor(object)


def unknown_keyword():
    torch.tensor([1.0], require_grad=True)
    torch.tensor([1.0], [2.0])


def too_big_for_the_type():
    torch.tensor(2**63)
    torch.tensor([2**70])
    torch.tensor([300], dtype=torch.uint8)
    torch.tensor([-1], dtype=torch.uint8)
    torch.tensor([1e40])
    torch.tensor([1e400])
    torch.tensor([70000.0], dtype=torch.float16)


def copies_its_data():
    values = [1.0, 2.0]
    a = torch.tensor(values)
    values[0] = 100.0
    print(a)


def of_a_tensor_warns():
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = torch.tensor(a)
    c = torch.tensor([a.sum(), a.sum()])
    print(b, c)


def of_a_list_of_tensors():
    a = torch.tensor(1.5)
    torch.tensor([a, a])
    torch.tensor([a, 2])
    torch.tensor([torch.tensor([1.0, 2.0])])


def of_numpy():
    import numpy as np

    torch.tensor(np.array([1.0, 2.0]))
    torch.tensor(np.array([1, 2], dtype=np.int32))
    torch.tensor(np.float32(1.5))
    torch.tensor([np.float64(1.5), np.float64(2.5)])
    torch.tensor(np.array(["a", "b"]))
    torch.tensor(np.array([[1.0, 2.0], [3.0, 4.0]]))


def requires_grad_at_birth():
    a = torch.tensor([1.0], requires_grad=True)
    b = torch.tensor([1.0], requires_grad=False)
    a.requires_grad, b.requires_grad
    torch.tensor([1.0], requires_grad=1)
    torch.tensor([1.0], requires_grad="yes")


def ones_of_shapes():
    torch.ones(1)
    torch.ones(2, 3)
    torch.ones((2, 2))
    torch.ones([3])
    torch.ones(0)
    torch.ones(())
    torch.ones(2, dtype=torch.int64)
    torch.ones(2, dtype=torch.bool)
    torch.ones(2, requires_grad=True)


def zeros_of_shapes():
    torch.zeros(2)
    torch.zeros(2, 2, dtype=torch.float64)
    torch.zeros(1, requires_grad=True)


def ones_refused():
    torch.ones(-1)
    torch.ones(1.5)
    torch.ones("2")
    torch.ones(2, dtype="float32")
    torch.ones()


def the_only_device():
    torch.tensor([1.0], device="cpu")
    torch.ones(2, device="cpu")


def unknown_attribute():
    a = torch.tensor([1.0])
    a.gard
    a.zero()
    a.backwards()


def random_numbers_from_a_seed():
    _ = torch.manual_seed(0)
    torch.rand(5), torch.randn(3), torch.randn(()), torch.randint(0, 10, (5,)), torch.rand(2)
    torch.randn(16).round(decimals=2), torch.randn(4, 5).round(decimals=2)
    torch.randn(18, dtype=torch.float16).float().round(decimals=1)
    torch.rand(3, dtype=torch.float64), torch.randn(17, dtype=torch.float64), torch.randn(3)
    torch.rand(3, dtype=torch.float16), torch.randn(3, dtype=torch.float16)
    torch.randint(5, size=(2, 2)), torch.randint(-3, 2**40, (3,)), torch.randint(3, (2,), dtype=torch.int8)
    torch.randperm(6), torch.randperm(0), torch.randperm(3, dtype=torch.float32)
    torch.randperm(-1)
    torch.randperm(2.0)
    _ = torch.manual_seed(-1)
    columns = torch.ones(4, 5).t()
    torch.rand_like(columns), torch.randn_like(columns), torch.randint_like(columns, 2, 9)
    for like in (torch.ones(40)[::2], torch.ones(1, 1).expand(4, 5), torch.ones(4, 5).t()):
        print(torch.randn_like(like).round(decimals=2))
    torch.ones(4, 10)[:, ::2].normal_(1, 2), torch.ones(20).normal_(5, 2).round(decimals=2)
    torch.ones(2, 3, 4).permute(1, 2, 0).uniform_(-1, 3), torch.ones(2, dtype=torch.float64).uniform_()


def generators_of_random_numbers():
    g = torch.Generator()
    g.initial_seed(), torch.rand(2, generator=g), torch.randn(3, generator=g)
    h = torch.Generator("cpu").manual_seed(2147483647)
    torch.randn(2, generator=h), torch.randint(0, 9, (3,), generator=h), torch.randperm(4, generator=h)
    torch.zeros(2).normal_(generator=h), torch.zeros(2).uniform_(0, 2, generator=h), h.initial_seed()
    g.manual_seed(5) is g, torch.manual_seed(7).initial_seed()
    h.manual_seed(5).initial_seed(), torch.rand(2, generator=g).equal(torch.rand(2, generator=h))
    before = h.seed()
    h.initial_seed() == before


def even_steps_are_rounded_once():
    for steps in (2, 3, 7, 12, 25, 33, 200):
        for start, end in ((-1, 1), (0, 10), (-3.7, 2.9)):
            print(torch.linspace(start, end, steps).tolist())
    torch.linspace(-1, 1, 25), torch.linspace(0, 9, 4, dtype=torch.int64), torch.linspace(1, 2, 1)
    torch.linspace(0, 1, 7, dtype=torch.float16)


def tensors_by_their_class():
    torch.Tensor([1, 2]), torch.Tensor([[1.5, 2.0]]).dtype, torch.Tensor(), torch.Tensor((1, 2)), torch.Tensor([])
    torch.Tensor(2, 3).shape, torch.Tensor(0), torch.Tensor(torch.Size([2, 2])).shape, torch.Tensor(2).dtype
    a = torch.Tensor([2.0, 3.0]).requires_grad_()
    (a * a).sum().backward()
    a.grad, a.is_leaf, a._version
    b = torch.ones(2)
    c = torch.Tensor(b)
    c.add_(1)
    print(b, c._version, b._version)
    torch.Tensor(torch.tensor([1, 2]))
    torch.Tensor("x")
    torch.Tensor(2.5)
    torch.Tensor(None)
    torch.Tensor([[1, 2], [3]])
    torch.Tensor(-1)
    torch.Tensor(__import__("numpy").arange(2))

    class Mine(torch.Tensor):
        pass

    isinstance(Mine(2), torch.Tensor), Mine([1.0, 2.0]).tolist(), (Mine([1.0, 2.0]) * 2).sum().tolist()
