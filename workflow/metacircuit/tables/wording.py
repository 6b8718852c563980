"""How numbers are written for people: digits by size, a real minus sign, and never `p = .000`."""

from __future__ import annotations

import math

MINUS = "−"  # noqa: RUF001 - the typographic minus sign
DASH = "–"


def number(x: float, digits: int = 2) -> str:
    """Write a number with fixed decimals; a missing one as a dash.

    >>> number(-0.204), number(float("nan"))
    ('−0.20', '–')
    """
    if x is None or not math.isfinite(x):
        return DASH
    text = f"{abs(x):.{digits}f}"
    return text if float(text) == 0 or x > 0 else MINUS + text


def interval(lower: float, upper: float, digits: int = 2) -> str:
    """Write an interval in brackets.

    >>> interval(-0.5, 0.25)
    '[−0.50, 0.25]'
    """
    return f"[{number(lower, digits)}, {number(upper, digits)}]" if math.isfinite(lower) and math.isfinite(upper) else DASH


def p_value(p: float) -> str:
    """Write a p-value without its leading zero, with two or three digits, small ones as a bound.

    >>> p_value(0.0432), p_value(0.21), p_value(1e-9), p_value(0.9999)
    ('.043', '.21', '< .001', '> .99')
    """
    if p is None or not math.isfinite(p):
        return DASH
    if p < 0.001:
        return "< .001"
    if p > 0.99:
        return "> .99"
    return f"{p:.{3 if p < 0.1 else 2}f}".removeprefix("0")


def count(n: float) -> str:
    """Write a count with thin spaces between thousands.

    >>> count(1234567.0), count(float("nan"))
    ('1\u2009234\u2009567', '–')
    """
    return DASH if n is None or not math.isfinite(n) else f"{n:,.0f}".replace(",", "\u2009")
