"""environment.yml (conda, Binder) and pyproject.toml (uv, pip) ask for the same packages."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parent.parent

# Where conda-forge calls a package by another name than pip does.
PIP_NAMES = {"python-graphviz": "graphviz", "playwright-python": "playwright"}
# `dot` itself: a package of its own on conda-forge; for pip it lies inside graphviz-pure.
DOT_OF_CONDA, DOT_OF_PIP = "graphviz", "graphviz-pure"

NOT_ON_CONDA_FORGE = {"axe-playwright-python"}

Bounds = dict[str, SpecifierSet]


@pytest.fixture
def pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture
def environment() -> dict:
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


def wanted_by_pip(pyproject: dict) -> Bounds:
    """Everything that `uv sync` installs by name, with its bounds."""
    lines = [
        *pyproject["project"]["dependencies"],
        *pyproject["project"]["optional-dependencies"]["lab"],
        *pyproject["dependency-groups"]["dev"],
    ]
    found = {item.name: item.specifier for item in map(Requirement, lines)}
    del found["autograd-core"]  # the dev group asks for the project itself
    del found[DOT_OF_PIP]
    return found


def wanted_by_conda(environment: dict) -> Bounds:
    """The same, by pip's names. (`name>=1,<2` means the same to both; `python=3.12` does not.)"""
    lines = [line for line in environment["dependencies"] if isinstance(line, str)]
    lines += from_pip(environment)[:-1]
    lines.remove(DOT_OF_CONDA)
    lines.remove("pip")
    found = [Requirement(line) for line in lines if not line.startswith("python=")]
    return {PIP_NAMES.get(item.name, item.name): item.specifier for item in found}


def test_conda_and_pip_ask_for_the_same_packages_within_the_same_bounds(pyproject, environment):
    assert wanted_by_conda(environment) == wanted_by_pip(pyproject)


def from_pip(environment: dict) -> list[str]:
    """What conda takes from pip: what conda-forge does not have, and last the checkout itself."""
    (listed,) = [line for line in environment["dependencies"] if isinstance(line, dict)]
    return listed["pip"]


@pytest.mark.parametrize(
    "change",
    [
        lambda project, conda: project["project"]["dependencies"].append("scipy"),
        lambda project, conda: project["project"]["dependencies"].clear(),
        lambda project, conda: project["project"]["dependencies"].append("numpy>=2.1"),
        lambda project, conda: project["dependency-groups"]["dev"].append("pillow>=1"),
        lambda project, conda: conda["dependencies"].append("scipy"),
        lambda project, conda: conda["dependencies"].append("numpy>=2.0"),
        lambda project, conda: conda["dependencies"].append("graphviz>=0.20"),
    ],
)
def test_a_package_or_a_bound_that_drifts_is_noticed(pyproject, environment, change):
    change(pyproject, environment)
    assert wanted_by_conda(environment) != wanted_by_pip(pyproject)


def test_the_one_python_that_conda_takes_is_one_that_the_project_supports(pyproject, environment):
    # One version, spelt with a single "=": that is the form in which Binder reads it.
    (version,) = [
        line.removeprefix("python=")
        for line in environment["dependencies"]
        if isinstance(line, str) and line.startswith("python=")
    ]
    assert version in SpecifierSet(pyproject["project"]["requires-python"])
    assert f"Programming Language :: Python :: {version}" in pyproject["project"]["classifiers"]


def test_conda_takes_from_pip_the_checkout_and_what_conda_forge_does_not_have(environment):
    assert environment["channels"] == ["conda-forge"]
    *others, checkout = from_pip(environment)
    assert checkout == "-e ."
    assert {Requirement(line).name for line in others} == NOT_ON_CONDA_FORGE


def test_no_install_brings_pytorch(pyproject, environment):
    assert "torch" not in wanted_by_pip(pyproject) | wanted_by_conda(environment)
