"""Tables for the documentation."""

from __future__ import annotations

import math
from collections.abc import Sequence


def table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """A Markdown table; the columns `right` hold numbers and are aligned to the right.

    >>> print(table(["what", "n"], [["a", "1"]], right=[1]))
    | what | n |
    | --- | ---: |
    | a | 1 |
    """
    rule = ["---:" if i in right else "---" for i in range(len(header))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, rule, *rows))


def number(x: float, digits: int = 3) -> str:
    """Significant digits without an exponent, empty for nothing.

    >>> number(0.01234), number(1234.5), number(float("nan"))
    ('0.0123', '1,234', '')
    """
    if math.isnan(x):
        return ""
    decimals = max(digits - 1 - _magnitude(x), 0)
    return f"{x:,.{decimals}f}"


def _magnitude(x: float) -> int:
    """The power of ten of x; 0 for 0."""
    return int(f"{x:.2e}".partition("e")[2]) if x else 0
