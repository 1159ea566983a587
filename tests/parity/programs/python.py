"""What Python itself does with a tensor: iterate, ask for members, convert, format, compare sizes."""

import torch


def members():
    t = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    2.0 in t, 5 in t, torch.tensor(1.0) in t, t in [t]
    "a" in t
    None in t
    [1.0] in t
    del t[0]


def in_reverse():
    t = torch.tensor([1.0, 2.0], requires_grad=True)
    reversed(t), reversed(torch.tensor(1.0))
    list(reversed(t))
    for x in reversed(t.detach()):
        print(x)


def as_numbers():
    t = torch.tensor([1.0, 2.0], requires_grad=True)
    bool(t)
    bool(torch.tensor([])), bool(torch.tensor([[0.0]]))
    bool(torch.tensor([[0.0]])), bool(torch.tensor(float("nan")))
    int(torch.tensor(1.7)), int(torch.tensor([1.7])), float(torch.tensor(1)), complex(torch.tensor(1.5))
    int(t)
    int(torch.tensor(float("nan")))
    int(torch.tensor(float("inf")))
    float(t[0]), int(t[0]), bool(t[0])
    [1, 2, 3][torch.tensor(1)], list(range(torch.tensor(3)))
    [1, 2, 3][torch.tensor(1.0)]
    [1, 2, 3][torch.tensor([1, 2])]
    round(torch.tensor(1.26), 1), sum(t), max(t), min(t), pow(t, 2), abs(-t)
    divmod(t, 2)


def with_what_it_does_not_go():
    t = torch.tensor([1.0, 2.0])
    t == "a", t != "a", t == None, t != None  # noqa: E711
    t < "a"
    t + None
    "a" + t
    t + [1]
    t ** "a"
    t % "a"
    "a" % t
    t // None
    t += "a"
    t %= None
    t @ "a"


def formats():
    t, u, r = torch.tensor(3.14159), torch.tensor([1.0, 2.0]), torch.tensor(1.5, requires_grad=True)
    f"{t}", f"{t:.2f}", f"{t:10.3f}|", f"{t!r}", "{:.1e}".format(t), "%.2f" % t, "%s" % u
    f"{t:d}"
    f"{u}", f"{u.shape}", f"{u.dtype}", f"{u.device}"
    f"{u:.2f}"
    f"{torch.tensor(3):05d}", f"{torch.tensor(True)}", f"{torch.tensor(True):d}"
    f"{r}", f"{r:.3f}", f"{r * 2}", f"{r * 2:.3f}"
    print(u, r, [t], {"a": r * 2})


def sizes():
    s = torch.ones(2, 3).shape
    s + (1,), (1,) + s, s + torch.Size([4]), s * 2, 2 * s, s[:1], s[::-1], s[0], s[-1]
    s == (2, 3), (2, 3) == s, hash(s) == hash((2, 3)), s.numel(), [*s, 4], torch.zeros(s[1:] + (1,))
    s["a"]


def the_device():
    u = torch.ones(2)
    u.device, str(u.device), u.device.type, u.device.index, u.device == torch.device("cpu")
    torch.device("cpu"), {torch.device("cpu"): 1}[u.device], u.device == "cpu"
    u.cpu() is u, u.to(torch.device("cpu")) is u, u.to("cpu", torch.float64)
    torch.zeros(2, device=torch.device("cpu")), torch.tensor([1.0], device=u.device)


def letters_in_the_brackets():
    a = torch.arange(6.0).view(2, 3)
    a["x"]
    a["xy"] = 1
    a[""]
    a["x", 0]
    a[0, "x"] = 1
    a[::0]
    a[0:1:0] = 2


def what_a_tensor_contains():
    a = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    2 in a, 2.5 in a, True in a, torch.tensor([3.0, 0.0]) in a, torch.tensor(4) in a, a in a
    torch.ones(3) in a
    "a" in a
    None in a


def attributes_that_a_lesson_has_written():
    import copy
    import pickle

    a = torch.ones(2, requires_grad=True)
    a.label, a.tags = "weight", ["slow"]
    b, c, d = copy.deepcopy(a), copy.copy(a), pickle.loads(pickle.dumps(a))
    b.label, c.label, d.label, b.tags is a.tags, c.tags is a.tags, d.tags
    hasattr(a.detach(), "label"), hasattr(a * 2, "label"), hasattr(a.view(2), "label")


def sizes_that_are_none():
    a = torch.ones(6)
    a.reshape("x")
    a.reshape(2.0)
    a.reshape(None)
    a.reshape(2, 3).shape, a.reshape((3, -1)).shape
