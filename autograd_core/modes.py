"""The switches that say whether and how operations are recorded for backward.

Each thread has its own switches, as in PyTorch; a new thread starts with gradients on. Every switch is
both a context manager and a decorator, of generators too, and puts back what was there before.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable

from . import errors
from .frames import warn


class _Modes(threading.local):
    enabled = True  # does the user want gradients?
    grad = True  # is an operation on a tensor that requires grad given a node? Never in inference mode
    inference = False  # do new tensors do without a version counter?
    usual: bool | None = True  # `grad`, or None where something else changes what operations leave behind
    formulas = False  # is a gradient formula running on plain arrays? Then operations take arrays too
    task: object = None  # the backward under way (a `graph.GraphTask`)
    anomaly = False  # does a node remember where it was made?
    check_nan = True  # in anomaly mode: is a nan in a gradient an error?
    saved_hooks: tuple[tuple[Callable, Callable], ...] = ()  # (pack, unpack), the innermost last
    before_write: Callable | None = None  # told of each tensor that is about to be written
    saved_hooks_refused: str | None = None  # the sentence with which they are refused


modes = _Modes()


def set_modes(settings: dict[str, object]) -> None:
    """Set some of the modes in this thread, and what follows from them."""
    vars(modes).update(settings)
    modes.grad = modes.enabled and not modes.inference
    usual = not (modes.inference or modes.anomaly or modes.saved_hooks)
    modes.usual = modes.grad if usual else None


class Switch:
    """A context manager and decorator that sets some modes and puts them back at its end."""

    settings: dict[str, object] = {}

    def __enter__(self) -> None:
        self.before = {name: getattr(modes, name) for name in self.settings}
        set_modes(self.settings)

    def __exit__(self, *error: object) -> None:
        set_modes(self.before)

    def again(self) -> Switch:
        """A switch of the same settings, for a function that may run many times, also inside itself."""
        switch = Switch()
        switch.settings = self.settings
        return switch

    def __call__(self, function: Callable) -> Callable:
        if inspect.isgeneratorfunction(function):
            return self._generator(function)

        @functools.wraps(function)
        def switched(*args: object, **kwargs: object) -> object:
            with self.again():
                return function(*args, **kwargs)

        return switched

    def _generator(self, function: Callable) -> Callable:
        """The switch is on while the generator runs, and off while its caller does."""

        @functools.wraps(function)
        def switched(*args: object, **kwargs: object):
            generator = function(*args, **kwargs)
            step, value = generator.send, None
            while True:
                try:
                    with self.again():
                        result = step(value)
                except StopIteration as end:
                    return end.value
                try:
                    value = yield result
                    step = generator.send
                except GeneratorExit:  # not by `throw`: kept, the error would be a reference cycle
                    with self.again():
                        generator.close()
                    raise
                except BaseException as error:
                    step, value = generator.throw, error

        return switched

    def __new__(cls, function: object = None, *args: object, **kwargs: object) -> Switch | Callable:
        # `@no_grad` without parentheses decorates as well.
        if callable(function):
            return cls()(function)
        return super().__new__(cls)


def is_grad_enabled() -> bool:
    """Is the graph being built in this thread (`torch.is_grad_enabled`)?

    >>> is_grad_enabled()
    True
    """
    return modes.enabled


class no_grad(Switch):
    """Operations inside build no graph (`torch.no_grad`).

    >>> with no_grad():
    ...     is_grad_enabled()
    False
    """

    settings = {"enabled": False}


class enable_grad(Switch):
    """Operations inside build the graph again, even inside a `no_grad` (`torch.enable_grad`)."""

    settings = {"enabled": True}


class setting(Switch):
    """A switch that is on from its making: for good, or until the end of a `with` or of a function."""

    def __init__(self, **settings: object) -> None:
        self.settings = settings
        super().__enter__()

    def __enter__(self) -> None:
        pass

    def __call__(self, function: Callable) -> Callable:
        self.__exit__()
        return super().__call__(function)


class set_grad_enabled(setting):
    """Switch graph building on or off: at once, or until the end of a `with` or of a function.

    Follows `torch.set_grad_enabled`. Raises TypeError for what is no bool.
    """

    def __init__(self, mode: bool) -> None:
        errors.argument(isinstance(mode, bool), "set_grad_enabled", "enabled", 1, "bool", mode)
        super().__init__(enabled=mode)

    def __repr__(self) -> str:
        return f"torch.autograd.grad_mode.set_grad_enabled(mode={self.settings['enabled']})"


class inference_mode(Switch):
    """Like `no_grad`, and new tensors cannot enter a graph later either (`torch.inference_mode`)."""

    def __init__(self, mode: bool = True) -> None:
        self.settings = {"inference": bool(mode), "enabled": not mode}


def is_inference_mode_enabled() -> bool:
    """Is inference mode on in this thread (`torch.is_inference_mode_enabled`)?"""
    return modes.inference


class set_detect_anomaly(setting):
    """Let each node remember where it was made, and take a nan in a gradient for an error.

    Follows `torch.autograd.set_detect_anomaly`: at once, or until the end of a `with`.
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        for position, (name, each) in enumerate((("enabled", mode), ("check_nan", check_nan)), 1):
            known = isinstance(each, bool)
            errors.argument(known, "set_anomaly_enabled", name, position, "bool", each)
        super().__init__(anomaly=mode, check_nan=check_nan)


class detect_anomaly(Switch):
    """Anomaly mode inside this `with` (`torch.autograd.detect_anomaly`); warns that it is slow."""

    def __init__(self, check_nan: bool = True) -> None:
        self.settings = {"anomaly": True, "check_nan": check_nan}
        warn(errors.ANOMALY_IS_SLOW)


def is_anomaly_enabled() -> bool:
    """Is anomaly mode on in this thread (`torch.is_anomaly_enabled`)?"""
    return modes.anomaly


def is_anomaly_check_nan_enabled() -> bool:
    """Is a nan in a gradient an error in anomaly mode (`torch.is_anomaly_check_nan_enabled`)?"""
    return modes.check_nan
