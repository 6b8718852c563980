"""How numbers are written for people: proper minus signs, no "p = .000", digits that suit the uncertainty."""

import math
from collections.abc import Iterable

MINUS = "−"
NO_VALUE = "–"
MOST_DECIMALS = 6


def number(value: float, decimals: int, *, longest: float = 1e6) -> str:
    """A number with a fixed count of decimals, a real minus sign and never a negative zero; short from `longest` on.

    Examples
    --------
    >>> number(-0.456, 2), number(-0.001, 2), number(12345.6, 1), number(float("nan"), 2)
    ('−0.46', '0.00', '12,345.6', '–')
    >>> number(3.2e9, 2)
    '3.2e9'
    """
    if math.isnan(value):
        return NO_VALUE
    if math.isinf(value):
        return ("" if value > 0 else MINUS) + "∞"
    if abs(value) >= longest:
        mantissa, exponent = f"{value:.1e}".split("e")
        text = f"{mantissa}e{int(exponent)}"
    else:
        text = f"{value:,.{decimals}f}"
    if text.startswith("-"):
        text = MINUS + text[1:] if any(digit in text for digit in "123456789") else text[1:]
    return text


def count(value: float) -> str:
    """A whole number with thousands separated; empty where there is none.

    Examples
    --------
    >>> count(12345), count(float("nan"))
    ('12,345', '')
    """
    return "" if math.isnan(value) else f"{value:,.0f}"


def decimals_for(widths: Iterable[float], usual: int = 2) -> int:
    """How many decimals a column of estimates needs, from the widths of their intervals.

    A typical interval of width 1 gets `usual` decimals, one of 0.01 two more, one of 1000 two fewer.

    Examples
    --------
    >>> decimals_for([0.8, 1.1, 0.6]), decimals_for([0.004]), decimals_for([3100.0]), decimals_for([])
    (2, 4, 0, 2)
    """
    finite = sorted(width for width in widths if math.isfinite(width) and width > 0)
    if not finite:
        return usual
    magnitude = math.floor(math.log10(finite[len(finite) // 2]))
    return min(MOST_DECIMALS, max(0, usual - max(magnitude - 1, 0) - min(magnitude + 1, 0)))


def variance(value: float) -> str:
    """A variance such as tau squared: two significant digits where it is small, two decimals where it is not.

    Examples
    --------
    >>> variance(0.1234), variance(0.00456), variance(0.0), variance(2.1e-9)
    ('0.12', '0.0046', '0.00', '2.1e−9')
    """
    if 0 < value < 1e-4:
        return f"{value:.1e}".replace("e-0", "e-").replace("-", MINUS)
    return number(value, 1 - math.floor(math.log10(value)) if 0 < value < 0.01 else 2)


def p_number(p: float) -> str:
    """A p-value as a cell of a table: three decimals, no leading zero, never zero.

    Examples
    --------
    >>> p_number(0.0304), p_number(1e-9), p_number(0.9999), p_number(float("nan"))
    ('.030', '< .001', '> .999', '–')
    """
    if math.isnan(p):
        return NO_VALUE
    if p < 0.001:
        return "< .001"
    return "> .999" if p > 0.999 else f"{p:.3f}".removeprefix("0")


def p_value(p: float, symbol: str = "p") -> str:
    """A p-value in a sentence, in APA style.

    Examples
    --------
    >>> p_value(0.0304), p_value(1e-9), p_value(float("nan"))
    ('p = .030', 'p < .001', 'p = –')
    """
    text = p_number(p)
    return f"{symbol} {text}" if text[0] in "<>" else f"{symbol} = {text}"


def interval(lower: float, upper: float, decimals: int) -> str:
    """An interval in brackets; a dash where there is none.

    Examples
    --------
    >>> interval(-0.5, 0.25, 2), interval(float("nan"), 1.0, 2)
    ('[−0.50, 0.25]', '–')
    """
    if math.isnan(lower) or math.isnan(upper):
        return NO_VALUE
    return f"[{number(lower, decimals)}, {number(upper, decimals)}]"


def degrees(df: float) -> str:
    """Degrees of freedom: whole when they are, one decimal when they are not.

    Examples
    --------
    >>> degrees(3.0), degrees(21.66)
    ('3', '21.7')
    """
    return f"{df:.0f}" if math.isclose(df, round(df)) else f"{df:.1f}"


def fixed_spaces(phrase: str) -> str:
    """The phrase with spaces at which a line is never broken."""
    return phrase.replace(" ", "\u00a0")


def plural(n: float, noun: str, plural_noun: str | None = None) -> str:
    """A count with its noun.

    Examples
    --------
    >>> plural(1, "study", "studies"), plural(1200, "study", "studies"), plural(0, "effect")
    ('1 study', '1,200 studies', '0 effects')
    """
    return f"{count(n)} {noun if n == 1 else plural_noun or noun + 's'}"
