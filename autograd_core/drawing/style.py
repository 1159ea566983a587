"""The look of every picture, in one place: colours by role, and text by kind.

The surprising idea: a colour is never written where something is drawn. A shape has a *role*, each
role has a light and a dark value, and the page's theme chooses between them. The hues are Okabe and
Ito's, which the colour-blind can tell apart (memory orange, graph purple, gradient green, trouble
vermilion), made darker or lighter until text on them has WCAG's 4.5 to 1. No two roles share a
light value: that is how `svg` knows a role again in what Graphviz drew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

# role: (light, dark)
PALETTE: dict[str, tuple[str, str]] = {
    "paper": ("#ffffff", "#14171b"),
    "ink": ("#1b1b1b", "#f1f1f1"),
    "muted": ("#595959", "#b9bec5"),
    # Memory: a storage, the tensors inside it, their version badges.
    "storage": ("#fff3df", "#2e2410"),
    "storage-line": ("#a96b00", "#e69f00"),
    "card": ("#fefefe", "#1d2126"),
    "card-line": ("#4d4d4d", "#c6cbd1"),
    "badge": ("#0b62a0", "#7cc4f2"),
    "badge-ink": ("#fdfdfd", "#0a1722"),
    # The graph: nodes and the edges between them.
    "node": ("#f8ebf3", "#33202c"),
    "node-line": ("#9c4a77", "#e0a3c6"),
    "saved": ("#0072b1", "#6cbdf0"),
    # What a step is about.
    "grad": ("#00704f", "#3fdcab"),
    "grad-glow": ("#d5f5e9", "#0d3a2d"),
    "broken": ("#b84300", "#ff9b5c"),
    "broken-glow": ("#ffe6d9", "#452009"),
    "cut": ("#5a5a5a", "#d0d4d9"),
    "changed": ("#fff2a8", "#4d4100"),
}

# The roles in which Graphviz draws a shape; the others are for what `svg` and `picture.css` add.
SHAPES = ["paper", "storage", "storage-line", "card", "card-line", "badge", "node", "node-line",
          "broken", "broken-glow"]  # fmt: skip

# The pairs in which text stands on a colour; a test holds each to 4.5 to 1 in both themes.
TEXT_ON = [
    ("ink", ["paper", "card", "node", "storage", "changed", "broken-glow", "grad-glow"]),
    ("muted", ["paper", "card", "node", "storage", "changed"]),
    ("badge-ink", ["badge", "broken"]),
    ("broken", ["paper", "card", "node", "broken-glow", "storage", "changed"]),
    ("grad", ["paper", "card", "node", "grad-glow", "storage", "changed"]),
    ("node-line", ["paper", "node"]),
    ("cut", ["storage"]),
]


MONO = '"DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace'
SANS = 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif'
# Where nobody can scroll.
ON_PAPER = "@media print { .agc, .agc-window { max-width: 100% !important; max-height: none !important; } }"
ADVANCE = {MONO: 0.61, SANS: 0.585}  # how wide a character is, in font sizes


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of text: its font, and its size and the height of its line in pixels."""

    font: str
    size: float
    height: int


KINDS: dict[str, Kind] = {
    "name": Kind(MONO, 17, 30),
    "badge": Kind(MONO, 14, 20),
    "value": Kind(MONO, 15, 22),
    "code": Kind(MONO, 13, 22),
    "wrong": Kind(MONO, 13, 22),
    "node": Kind(MONO, 15, 28),
    "cut": Kind(MONO, 14, 20),
    "title": Kind(SANS, 14, 22),
    "flags": Kind(SANS, 13, 21),
    "part": Kind(SANS, 13, 20),
    "saved": Kind(SANS, 13.5, 19),
    "status": Kind(SANS, 13, 20),
    "edge": Kind(SANS, 13, 19),
    "axis": Kind(SANS, 13, 20),
    "writer": Kind(MONO, 14, 20),
    "pin": Kind(SANS, 13, 16),
    "expects": Kind(SANS, 13, 16),
    "error": Kind(SANS, 13, 20),
}


def light(role: str) -> str:
    return PALETTE[role][0]


def theme(scope: str, roles: Iterable[str] = PALETTE) -> str:
    """CSS that gives what `scope` selects the value of each role in the theme of the page."""
    roles = [role for role in PALETTE if role in set(roles)]

    def values(theme: int) -> str:
        return "".join(f"--agc-{role}:{PALETTE[role][theme]};" for role in roles)

    dark = ':is([data-jp-theme-light="false"], .vscode-dark, [data-agc-theme="dark"])'
    chosen = "[data-jp-theme-light], .vscode-light, [data-agc-theme]"
    return f"""
        {scope} {{ {values(0)} }}
        @media screen {{ {dark} {scope} {{ {values(1)} }} }}
        @media screen and (prefers-color-scheme: dark) {{
            body:not({chosen}) {scope} {{ {values(1)} }}
        }}
    """


@lru_cache(maxsize=64)
def css(words: frozenset[str] | None = None) -> str:
    """The style sheet of pictures: two palettes, the fonts, and `picture.css`.

    With `words`, the classes and conditions of one picture, no more than what that one needs: a
    picture that stands alone carries its own.
    """
    rules = "".join(rule for rule in _rules() if words is None or _concerns(rule, words))
    sheet = theme(".agc", re.findall(r"var\(--agc-([\w-]+)", rules)) + rules + ON_PAPER
    return " ".join(sheet.split())


@cache
def _rules() -> tuple[str, ...]:
    roles = "".join(
        f".agc .fill-{role} {{ fill: var(--agc-{role}); }}"
        f".agc .line-{role} {{ stroke: var(--agc-{role}); }}"
        for role in SHAPES
    )
    mono = ", ".join(f".is-{name}" for name, kind in KINDS.items() if kind.font == MONO)
    kinds = (
        f".agc text {{ font: 400 13px {SANS}; }} .agc :is({mono}) {{ font-family: {MONO}; }}"
        + (
            "".join(
                f".agc .is-{name} {{ font-size: {kind.size}px; }}" for name, kind in KINDS.items()
            )
        )
    )
    sheet = roles + kinds + files(__package__).joinpath("picture.css").read_text("utf-8")
    return tuple(re.findall(r"[^{}]+{[^{}]*}", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)))


def _concerns(rule: str, words: frozenset[str]) -> bool:
    """Does a rule select anything among these classes and conditions?

    >>> rule = '.agc :is(.node, .card)[data-is~="raised"] > [stroke] { stroke: red; }'
    >>> _concerns(rule, frozenset({"agc", "card", "raised"})), _concerns(rule, frozenset({"agc"}))
    (True, False)
    """
    selector = re.sub(r":not\([^()]*\)", "", rule.partition("{")[0])

    def is_there(each: str) -> bool:
        return words.issuperset(re.findall(r"[.\"]([\w-]+)", each))

    def one_of(found: re.Match[str]) -> str:
        return "" if any(map(is_there, found[1].split(","))) else ".none"

    return any(map(is_there, re.sub(r":is\(([^()]*)\)", one_of, selector).split(",")))
