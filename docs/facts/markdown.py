"""Tables, names set as code, and the parts of a docstring."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[object]], right: Iterable[int] = ()) -> str:
    """Write a table; `right` holds the positions of the columns that are aligned to the right."""
    dashes = ["---:" if i in right else "---" for i in range(len(header))]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in (header, dashes, *rows))


def code(text: str) -> str:
    """Set as code; a bare vertical bar would end the cell of a table."""
    return f"`{text}`".replace("|", r"\|") if text else ""


def codes(names: Iterable[str]) -> str:
    """Set each name as code."""
    return ", ".join(code(name) for name in names)


def title(function: Callable[..., object]) -> str:
    """Read the first line of a docstring."""
    return (inspect.getdoc(function) or "").partition("\n")[0].removesuffix(".")


def section(function: Callable[..., object], name: str) -> str:
    """Read a section of a docstring as one line; empty where there is none."""
    parts = re.split(r"\n(\w+)\n-+\n", inspect.getdoc(function) or "")
    return " ".join(dict(zip(parts[1::2], parts[2::2], strict=True)).get(name, "").split())
