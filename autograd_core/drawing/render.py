"""DOT -> SVG, by whichever Graphviz is there.

`dot` from the PATH comes first. Where there is none, or it does not work, the command of the
package `graphviz-pure` does the same from inside the Python environment, so that no system package
is needed.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from functools import lru_cache
from importlib import metadata
from pathlib import Path

SECONDS = 60


class RendererNotFound(RuntimeError):
    """No Graphviz can run here; the message says what to install."""


def renderers() -> Iterator[str]:
    """The commands that might render, best first."""
    if dot := shutil.which("dot"):
        yield dot
    if pure := shutil.which("graphviz-pure") or _installed("graphviz-pure"):
        yield pure


def _installed(command: str) -> str | None:
    """A command that came with the package of the same name, also where it is not on the PATH."""
    try:
        files = metadata.files(command) or []
    except metadata.PackageNotFoundError:
        return None
    paths = (path for path in files if path.stem == command and path.suffix in ("", ".exe"))
    return next((str(path.locate()) for path in paths), None)


def render(source: str) -> str:
    """The SVG of a DOT source.

    Raises `RendererNotFound` where no renderer works.
    """
    said = ""
    for command in renderers():
        try:
            return _run(command, source)
        except (OSError, subprocess.SubprocessError) as error:
            words = getattr(error, "stderr", None) or str(error).encode()
            last = words.decode("utf-8", "replace").strip().splitlines()[-1:]
            said = f" ({Path(command).name} says: {' '.join(last)})"
    raise RendererNotFound(
        f"No picture: Graphviz cannot run here{said}. Install it with `pip install graphviz-pure`, "
        "or install Graphviz itself, so that its `dot` is on the PATH."
    )


@lru_cache(maxsize=64)
def _run(command: str, source: str) -> str:
    run = subprocess.run(
        [command, "-Tsvg"],
        input=source.encode(),
        capture_output=True,
        timeout=SECONDS,
        check=True,
    )
    return run.stdout.decode("utf-8")
