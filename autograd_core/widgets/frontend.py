"""How front-end code gets into an output: whole, packed small, and run once on a page.

An output must not depend on anything outside itself: it is reopened without a kernel, mailed,
exported, rendered alone because the cells around it are out of view. So each one carries its code
and its data, and the surprising idea is that this is cheap: both are deflated, which every browser
undoes by itself, and a page runs the code of all its outputs only once. Where no script may run,
the static part is what the reader sees.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.resources import files

from ..drawing.style import css, theme

PACKED = "application/x-deflated"  # a script of a kind that no browser runs


def output(kind: str, static: str, data: object, uses: Sequence[str] = ()) -> str:
    """The HTML of one widget. `<kind>.js` takes it over, with `data`; until then it is `static`.

    `uses` names other kinds whose code it needs. `static` has to be HTML already.
    """
    name, code = front_end((*uses, kind))
    packed = f'<script type="{PACKED}" data-code="{name}">{code}</script>'
    return (
        f'<figure class="autograd autograd-{kind}" data-kind="{kind}" style="margin:0">{static}'
        f'{packed}<script type="{PACKED}">{pack(data)}</script></figure>'
        f"{wake()}"
    )


@cache
def wake() -> str:
    """The script that wakes all widgets that stand before it on the page."""
    return f"<script>{_read('wake.js')}</script>"


@cache
def front_end(kinds: tuple[str, ...]) -> tuple[str, str]:
    """The code of some kinds of widget, packed, and a name for it that no other version has."""
    style, script = (
        "".join(_read(f"{name}.{kind}") for name in ("base", *kinds)) for kind in ("css", "js")
    )
    style = " ".join(re.sub(r"/\*.*?\*/", "", theme(".autograd") + style, flags=re.DOTALL).split())
    script = re.sub(r"^\s*(//.*\n|)", "", script, flags=re.MULTILINE)  # comments, and indents
    code = pack({"style": css() + style, "script": f"{{{script}}}"})
    return hashlib.sha256(code.encode()).hexdigest()[:12], code


def pack(data: object) -> str:
    """JSON, deflated, in letters that can stand anywhere in HTML.

    >>> unpack(pack(["</script>"]))
    ['</script>']
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")


def unpack(packed: str) -> object:
    """What was packed."""
    return json.loads(zlib.decompress(b64decode(packed)))


def marked_up(text: str) -> str:
    """A sentence as HTML: what stands between backticks is code.

    >>> marked_up("`a < b` is told")
    '<code>a &lt; b</code> is told'
    """
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))


@cache
def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")
