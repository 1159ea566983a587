"""NumPy meets Tensor: arrays and tensors in one expression, ufuncs on tensors, NumPy's numbers."""

import torch


def an_array_and_a_tensor_between_an_operator():
    import numpy as np

    t, r = torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0], requires_grad=True)
    n, k = np.ones(2), np.array([1, 2])
    t + n, t - n, t * n, t / n, t // n, t % n, t**n, t @ n
    t + k, torch.tensor([1, 2]) + k, torch.tensor([True, False]) * k
    t * np.array(2.0)
    n - t
    n * t
    n / t
    n // t
    n % t
    n**t
    n @ t
    r + n
    n / r
    t == n, n == t, r == n, t == np.array(2.0)
    t != n, n != t
    t < n
    n >= t
    torch.tensor([1, 2]) & k
    k & t
    t += n
    t


def numbers_of_numpy():
    import numpy as np

    t, i, b = torch.tensor([1.0, 2.0]), torch.tensor([1, 2]), torch.tensor([True, False])
    t * np.float64(3), np.float64(3) * t, t + np.float32(3), t - np.int64(3), np.int32(1) / t
    i * np.float64(3), i + np.float32(3), i + np.int64(3), np.int8(2) ** i
    b + np.bool_(True), b & np.int64(1)
    torch.tensor(2.0) * np.float64(3)
    i += np.float64(1)
    i += np.int64(1)
    i
    t < np.float32(2), np.float64(2) > t, t == np.int64(1)
    t.clamp(np.float32(1.5)), t.pow(np.int64(2)), t.add(np.float32(1), alpha=np.float32(2))
    torch.where(b, np.float64(1), np.float64(2)), t.masked_fill(b, np.float32(7))
    torch.full((2,), np.float64(2)), torch.full((2,), np.int64(2)), torch.full((2,), np.float32(2))
    torch.zeros(np.int64(2)), torch.arange(np.int64(2)), t.view(np.int64(2), 1)
    t[0] = np.float64(3)
    t[0] = np.int64(4)
    t[0] = np.float32(9)
    t[0] = np.array(1.0)
    t[np.int64(0)], t[np.array([0, 1])], t[np.array([True, False])]
    t[np.array([0, 1])] = 3.0
    t


def ufuncs():
    import numpy as np

    t, r = torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0], requires_grad=True)
    np.sin(t), np.exp(t), np.sqrt(torch.tensor(4.0)), np.sin(torch.tensor([1, 2]))
    np.add(t, t), np.add(t, 1), np.add(np.ones(2), t), np.maximum(t, 1.5)
    np.equal(t, t), np.greater(t, 1), np.isnan(t), np.logical_not(t)
    np.sin(r)
    np.add(t, r)
    np.add.reduce(t), np.multiply.outer(t, t)
    np.multiply(t, t, out=t)
    out = np.ones(2)
    np.add(t, t, out=out)
    out


def other_functions_of_numpy():
    import numpy as np

    t, r = torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0], requires_grad=True)
    np.abs(t), np.cumsum(t), np.argmax(t), np.clip(t, 0, 1), np.round(t), np.reshape(t, (2, 1))
    np.concatenate([t, t]), np.stack([t, t]), np.where(t > 1, t, 0), np.dot(t, t)
    np.linalg.norm(t), np.shape(t), np.ndim(t), np.allclose(t, t), np.transpose(torch.ones(2, 3))
    np.mean(r.detach().numpy())
    np.concatenate([r, r])
    np.ones(3)[torch.tensor(1)], np.ones(3)[torch.tensor([0, 1])], np.zeros(torch.tensor(3))


def arrays_of_tensors():
    import numpy as np

    t, r = torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0], requires_grad=True)
    np.asarray(t), np.array(t), np.asarray(t, dtype=np.int64), np.asarray(torch.tensor(3))
    np.asarray(r)
    np.array(r)
    np.array([t, t])
    np.array([r, r])
    np.array([t.sum(), t.sum()])
    np.asarray(torch.tensor([True])), np.asarray(torch.ones(2, dtype=torch.float16))
    t.__array__(), t.__array__(np.float64)
    t.__array_wrap__(np.ones(2)), t.__array_wrap__(np.ones(2) > 0)
    r.numpy()
    r.numpy(force=True), r.detach().numpy()
    (r * 2).numpy()
    n = np.zeros(2)
    n[0] = t[0]
    n[:] = t
    n
    n[1] = r[1]


def an_array_looks_at_the_memory():
    import numpy as np

    t = torch.tensor([1.0, 2.0])
    a, n = np.asarray(t), t.numpy()
    a[0] = 5
    n[1] = 7
    n += 1
    t
    x = np.zeros(2)
    y = torch.from_numpy(x)
    y += 1
    x
    x.flags.writeable = False
    z = torch.from_numpy(x)
    torch.as_tensor(x), torch.tensor(x)


def arrays_that_no_tensor_is_made_of():
    import numpy as np

    torch.tensor(np.array([1, 2], dtype=">f4"))
    torch.tensor(np.array([[1, 2], [3, 4]])[::-1])
    torch.as_tensor(np.array([1, 2])[::-1])
    torch.from_numpy(np.array(["a"]))
    torch.tensor(np.array([1.5], dtype=object))
    torch.from_numpy(np.float64(2))
    torch.tensor([np.ones(2), np.ones(2)])
    torch.tensor([np.float32(1), np.float64(2)]), torch.tensor([np.bool_(True)])
    torch.tensor([1.0]).copy_(np.ones(1))
    torch.tensor([1.0]).fill_(np.ones(1))
    torch.tensor([1.0]).fill_("x")
    torch.tensor([1.0]).fill_(None)
    torch.tensor([1.0]).masked_fill(torch.tensor([True]), "x")
    torch.add(torch.tensor([1.0]), np.ones(1))
