"""What makes a page whole: its data, its scripts, the charting library, and a policy that lets no other script run."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from plotly.offline import get_plotlyjs

# In the order in which they build on each other.
POOLING = ("distributions", "generator", "brent", "univariate", "che", "robust", "glmm", "pool")
EXPLORER = ("wording", "dom", "selection", "filters", "story", "map", "chart", "forest", "tables", "explorer", "start")

_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@dataclass(frozen=True, slots=True)
class Library:
    """The charting library: its text compressed, its version line, and the hash of its text for the policy."""

    compressed: str
    licence: str
    digest: str


def as_json(data: Any) -> str:
    r"""Write data as JSON that cannot end the script element it stands in.

    Raises
    ------
    ValueError
        If a number is not finite: JSON has no such numbers.

    Examples
    --------
    >>> as_json({"title": "</script><script>"})
    '{"title":"\\u003c/script\\u003e\\u003cscript\\u003e"}'
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return "".join(_ESCAPES.get(character, character) for character in text)


def scripts() -> str:
    """The page's own scripts, one after the other."""
    root = files("metacircuit.report") / "templates"
    named = [*(("pooling", name) for name in POOLING), *(("explorer", name) for name in EXPLORER)]
    return "\n" + "\n".join((root / folder / f"{name}.js").read_text("utf-8") for folder, name in named)


def library() -> Library:
    """The charting library of the installed plotly, compressed: as plain text it would be most of the page."""
    text = get_plotlyjs().replace("\r\n", "\n")
    licence = " ".join(line.strip("/* ") for line in text[: text.index("*/")].splitlines() if line.strip("/* "))
    packed = gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0)
    return Library(base64.b64encode(packed).decode("ascii"), licence, digest(text))


def digest(script: str) -> str:
    """Name a script in a content security policy.

    Examples
    --------
    >>> digest("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode('utf-8')).digest()).decode('ascii')}'"


def policy(*digests: str) -> str:
    """The content security policy: nothing from a network, and no script but these."""
    return (
        f"default-src 'none'; script-src {' '.join(digests)}; style-src 'unsafe-inline'; img-src data: blob:;"
        " base-uri 'none'; form-action 'none'"
    )
