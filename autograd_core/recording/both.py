"""Record a program of which nobody knows yet whether it uses this package or PyTorch.

The surprising idea: a recording of the library that is not used costs nothing and tells nothing. So this
package's begins with the program, and PyTorch's with the program's own `import torch`, which is waited for.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType, TracebackType

from .record import Unsupported, record
from .story import Story
from .trace import Trace


class record_both:
    """Record what happens inside this `with`, in whichever library; takes what `record` takes."""

    def __init__(self, **recorded: object) -> None:
        self.recorded = recorded
        self.recordings: list[tuple[record, Trace]] = []
        self.refusal = ""  # why PyTorch is not recorded, though it is used

    def __enter__(self) -> record_both:
        self.recorded["outermost"] = sys._getframe(1)
        self._begin("core", gives_way=True)
        if "torch" in sys.modules:
            self._begin("torch")
        else:
            sys.meta_path.insert(0, self)
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        for recording, _ in reversed(self.recordings):
            recording.__exit__(kind, error, traceback)

    def _begin(self, backend: str, **more: object) -> None:
        try:
            recording = record(backend=backend, **self.recorded, **more)
        except Unsupported as refusal:
            self.refusal = str(refusal)
        else:
            self.recordings.append((recording, recording.__enter__()))

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What Python's import asks first: PyTorch's own spec, with a word to us when it is loaded."""
        if name != "torch":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and hasattr(spec.loader, "exec_module"):
            load = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                load(module)
                self._begin("torch")

            spec.loader.exec_module = exec_module
        return spec

    @property
    def story(self) -> Story | None:
        """That of the first error that has one."""
        return next((each.story for each, _ in self.recordings if each.story is not None), None)

    @property
    def traces(self) -> list[Trace]:
        return [trace for _, trace in self.recordings]
