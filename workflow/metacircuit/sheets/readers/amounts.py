"""Numbers in the cells of other tools: the decimal mark made a point, and given estimates made printed statistics."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from scipy.special import ndtri

if TYPE_CHECKING:
    from collections.abc import Iterable

_COMMA = re.compile(r"[-+\u2212]?(?:\d{1,3}(?:\.\d{3})+|\d*),\d+(?:[eE][-+]?\d+)?")
_POINT = re.compile(r"[-+\u2212]?\d*\.\d+(?:[eE][-+]?\d+)?")
_GROUPED = re.compile(r"[-+\u2212]?\d{1,3}(?:\.\d{3})+")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
#: What its logarithm or arctangent is pooled as; the others are taken as they stand.
_FROM_SCALE = {
    **dict.fromkeys(("or", "rr", "hr", "irr"), math.exp),
    "r": math.tanh,
    "d": float,
    "g": float,
}
#: metafor's code: the column of ours that holds the estimate and, with _lo and _hi, its interval.
COLUMN_OF_MEASURE = {
    **{"SMD": "g", "OR": "or", "PETO": "or", "RR": "rr", "HR": "hr", "IRR": "irr"},
    **{"ZCOR": "r"},
}


def uses_commas(words: Iterable[str], delimiter: str) -> bool:
    """Whether a file delimited by something else than commas writes its decimals with them.

    Examples
    --------
    >>> uses_commas(["0,35", "12"], ";"), uses_commas(["0.35", "1,234"], ";"), uses_commas(["0,35"], ",")
    (True, False, False)
    """
    if delimiter == ",":
        return False
    found = [word for word in words if word[:1] in "-+\u22120123456789.,"]
    return any(_COMMA.fullmatch(w) for w in found) and not any(_POINT.fullmatch(w) for w in found)


def with_point(word: str) -> str:
    """A number that is written with a decimal comma, with a point; any other word as it stands.

    Examples
    --------
    >>> with_point("-2,93"), with_point("1.234,5"), with_point("12.345"), with_point("about 3,5")
    ('-2.93', '1234.5', '12345', 'about 3,5')
    """
    if _COMMA.fullmatch(word):
        return word.replace(".", "").replace(",", ".")
    return word.replace(".", "") if _GROUPED.fullmatch(word) else word


def number(word: str) -> float | None:
    """The number that a word is, if it is one and finite.

    Examples
    --------
    >>> number("1e-3"), number("\u22120.5"), number("n.s."), number("")
    (0.001, -0.5, None, None)
    """
    plain = word.strip().replace("\u2212", "-")
    if not _NUMBER.fullmatch(plain):
        return None
    value = float(plain)
    return value if math.isfinite(value) else None


def written(value: float) -> str:
    """A number as a cell: whole ones without a point, others with all digits that a double has.

    Examples
    --------
    >>> written(12.0), written(0.1)
    ('12', '0.1')
    """
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(float(value))


def interval(column: str, estimate: float, error: float) -> dict[str, str] | None:
    """An estimate and its standard error on the scale of pooling as a printed estimate with its 95% interval.

    The limits are those from which the routes with an interval get back exactly this variance.

    Parameters
    ----------
    column : str
        One of or, rr, hr, irr (log scale), r (Fisher's z), d, g.
    estimate, error : float
        yi and sei.

    Returns
    -------
    dict of str to str, or None
        Cells of the three columns; None if the numbers have no such interval.

    Examples
    --------
    >>> {name: round(float(cell), 6) for name, cell in interval("g", -0.5, 0.25).items()}
    {'g': -0.5, 'g_lo': -0.989991, 'g_hi': -0.010009}
    """
    if not error > 0:
        return None
    half = float(ndtri(0.975)) * error
    back = _FROM_SCALE[column]
    try:
        low, middle, high = (back(value) for value in (estimate - half, estimate, estimate + half))
    except OverflowError:
        return None
    if not math.isfinite(high) or (column in {"or", "rr", "hr", "irr"} and low <= 0) or (column == "r" and high >= 1):
        return None
    return {column: repr(middle), f"{column}_lo": repr(low), f"{column}_hi": repr(high)}
