"""The house keeps its order: imports point up the list, the core stands alone, no path is ours."""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "autograd_core"

# In this order: whatever stands lower may import what stands higher, never the reverse.
CORE = [
    "errors",
    "dimensions",
    "frames",
    "devices",
    "quiet",
    "dtypes",
    "modes",
    "observe",
    "storage",
    "tensor",
    "detach",
    "hooks",
    "graph",
    "saved",
    "signatures",
    "formulas",
    "operation",
    "quick",
    "differentiable",
    "ops",
    "inplace",
    "writes",
    "engine",
    "function",
    "gradcheck",
    "copying",
    "tracebacks",
    "formatting",
    "methods",
    "autograd",
    "nn",
]
AROUND = [
    "recording",
    "drawing",
    "widgets",
    "exercises",
    "handout",
    "showing",
    "magic",
    "notebook_files",
    "cli",
    "__main__",
]
HOUSE = CORE + AROUND
TABLE_OF_CONTENTS = "__init__"  # of the package itself: it shows the core, and nothing imports it


def module_name(path: Path) -> str:
    """`ops/elementwise.py` is `ops.elementwise`, `ops/__init__.py` is `ops`."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


class Imports(ast.NodeVisitor):
    """The modules of this package that one of them imports when it runs, wherever in its text.

    What stands under `if TYPE_CHECKING:` is read by type checkers only, and left out.
    """

    def __init__(self, module: str) -> None:
        self.here = [] if module == TABLE_OF_CONTENTS else module.split(".")
        if MODULES[module].name != "__init__.py":
            self.here.pop()
        self.found: set[str] = set()

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            for line in node.orelse:
                self.visit(line)
        else:
            self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        for name in node.names:
            self._add(name.name.split("."))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module.split(".") if node.module else []
        if node.level:
            up = len(self.here) - (node.level - 1)
            module = ["autograd_core", *self.here[:up], *module]
        for name in node.names:
            self._add([*module, name.name])

    def _add(self, parts: list[str]) -> None:
        """Note the longest beginning of the dotted name that is a module of ours."""
        if parts[0] != "autograd_core":
            return
        for end in range(len(parts), 1, -1):
            if ".".join(parts[1:end]) in MODULES:
                self.found.add(".".join(parts[1:end]))
                return
        self.found.add(TABLE_OF_CONTENTS)


def imports(module: str) -> set[str]:
    visitor = Imports(module)
    visitor.visit(ast.parse(MODULES[module].read_text(encoding="utf-8")))
    return visitor.found - {module}


def floor(module: str) -> str:
    return module.split(".")[0]


def test_every_module_has_its_place_on_the_list():
    assert {floor(module) for module in MODULES} - {TABLE_OF_CONTENTS} <= set(HOUSE)


@pytest.mark.parametrize("module", [name for name in MODULES if name != TABLE_OF_CONTENTS])
def test_imports_point_up_the_list(module):
    place = HOUSE.index(floor(module))
    around = floor(module) in AROUND
    for other in imports(module):
        if other == TABLE_OF_CONTENTS:
            assert around, f"{module} is shown by the package's __init__ and may not import it"
        else:
            assert HOUSE.index(floor(other)) <= place, f"{module} imports {other}, further down"


def test_the_table_of_contents_shows_the_core_alone():
    assert {floor(module) for module in imports(TABLE_OF_CONTENTS)} <= set(CORE)


def test_no_two_modules_import_each_other_not_even_in_a_circle():
    # A package's __init__ is run before its modules, so it may import them while they import it.
    graph = {
        module: {other for other in imports(module) if not module.startswith(f"{other}.")}
        for module in MODULES
    }
    graphlib.TopologicalSorter(graph).prepare()  # CycleError names the circle


def test_importing_the_package_brings_numpy_and_nothing_else():
    code = (
        "import sys; before = set(sys.modules); import autograd_core; "
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    brought = done.stdout.split()
    foreign = {name.split(".")[0] for name in brought} - set(sys.stdlib_module_names)
    assert foreign == {"autograd_core", "numpy"}
    ours = {name.split(".")[1] for name in brought if name.startswith("autograd_core.")}
    assert ours <= set(CORE)


def texts() -> Iterator[tuple[Path, str]]:
    """Every text file that belongs to the project."""
    tops = [ROOT / name for name in ("autograd_core", "notebooks", "tests", ".ci", ".github")]
    files = [path for top in tops for path in top.rglob("*")]
    files += [path for path in ROOT.iterdir() if path.suffix in (".md", ".toml", ".yml")]
    for path in files:
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts):
            try:
                yield path.relative_to(ROOT), path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue  # a picture in pixels


def test_no_file_names_a_place_on_somebodys_machine():
    place = re.compile(r"(?<![\w.$}])(?:/(?:home|Users|root|work)/|[A-Z]:\\+Users\\)\S*")
    found = {
        f"{path}:{number}: {match[0]}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        for match in place.finditer(line)
    }
    assert found == set()


def test_what_the_readme_shows_and_links_to_is_there():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert links
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []
