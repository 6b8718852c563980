"""The rules that several measures share: what a size, a spread, a count or a correlation may be."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from metacircuit.effects.measures.core import Array
from metacircuit.effects.measures.spec import Rule

_CHECK = "Check the sheet, or leave the row out."


def above(column: str, limit: float, remedy: str = _CHECK) -> Rule:
    """Demand a value above a limit.

    Example
    -------
    >>> above("t1i", 0).wrong.format(t1i=-2)
    't1i is -2, and must be above 0'
    """
    return Rule((column,), lambda x: x <= limit, f"{column} is {{{column}:g}}, and must be above {limit:g}", remedy)


def at_least(column: str, limit: float, remedy: str = _CHECK) -> Rule:
    """Demand a value of at least a limit.

    Example
    -------
    >>> at_least("xi", 0).wrong.format(xi=-2)
    'xi is -2, and must be at least 0'
    """
    return Rule((column,), lambda x: x < limit, f"{column} is {{{column}:g}}, and must be at least {limit:g}", remedy)


def between(column: str, low: float, high: float, remedy: str = _CHECK) -> Rule:
    """Demand a value between two limits, both allowed.

    Example
    -------
    >>> between("r2i", 0, 1).wrong.format(r2i=1.2)
    'r2i is 1.2, and must be between 0 and 1'
    """
    wrong = f"{column} is {{{column}:g}}, and must be between {low:g} and {high:g}"
    return Rule((column,), lambda x: (x < low) | (x > high), wrong, remedy)


def spread(column: str) -> Rule:
    """Demand a standard deviation above 0.

    Example
    -------
    >>> spread("sd1i").columns
    ('sd1i',)
    """
    return above(column, 0, "A standard deviation is above 0: was a missing value typed as 0, or a sign?")


def correlation(column: str = "ri") -> tuple[Rule, Rule]:
    """Demand a correlation, and one strictly between −1 and 1: at ±1 no measure has a variance.

    Example
    -------
    >>> [bool(rule.broken(1.2)) for rule in correlation()]
    [True, False]
    """
    return (
        Rule(
            (column,),
            lambda r: np.abs(r) > 1,
            f"{column} is {{{column}:g}}, and a correlation lies between -1 and 1",
            "Was it typed as a percentage, with a slipped decimal point, or as Fisher's z (then r = tanh z)?",
        ),
        Rule(
            (column,),
            lambda r: np.abs(r) == 1,
            f"{column} is {{{column}:g}}, and must lie strictly between -1 and 1",
            "A correlation of ±1 has no sampling variance: check it, or leave the row out.",
        ),
    )


def p_value() -> Rule:
    """Demand a two-sided p, with the sign of the effect.

    Example
    -------
    >>> bool(p_value().broken(0.0))
    True
    """
    return Rule(
        ("pi",),
        lambda p: (p == 0) | (np.abs(p) > 1),
        "pi is {pi:g}, and must be a two-sided p above 0 and at most 1, carrying the sign of the effect",
        "Type the exact p of the paper, negative where group 1 (or the association) is lower; 'p < .05' is a bound.",
    )


def not_above(column: str, whole: str) -> Rule:
    """Demand that a count of events does not exceed the number of people.

    Example
    -------
    >>> not_above("ai", "n1i").wrong.format(ai=5, n1i=3)
    'ai (5) is larger than n1i (3)'
    """
    return Rule(
        (column, whole),
        lambda x, n: x > n,
        f"{column} ({{{column}:g}}) is larger than {whole} ({{{whole}:g}})",
        f"{whole} counts everybody in the group, those with the event included.",
    )


def adds_up(first: str, second: str, total: str) -> Rule:
    """Demand that two counts add up to the total given beside them.

    Example
    -------
    >>> adds_up("xi", "mi", "ni").wrong.format(xi=1, mi=2, ni=4)
    'xi + mi (1 + 2) is not ni (4)'
    """
    return Rule(
        (first, second, total),
        lambda x, y, n: np.abs(x + y - n) > 1e-8 * np.abs(n),
        f"{first} + {second} ({{{first}:g}} + {{{second}:g}}) is not {total} ({{{total}:g}})",
        f"Give two of the three, or correct the one that is wrong; {second} counts those without the event.",
    )


def degrees_of_freedom(columns: tuple[str, ...], m: Callable[..., Array], text: str) -> Rule:
    """Demand more than one degree of freedom, without which the exact correction does not exist.

    Example
    -------
    >>> degrees_of_freedom(("ni",), lambda n: n - 1, "ni - 1").only_if_correct
    True
    """

    def broken(*values: Array) -> Array:
        return m(*values) <= 1

    shown = ", ".join(f"{column} = {{{column}:g}}" for column in columns)
    return Rule(
        columns,
        broken,
        f"too small for the small-sample correction: it needs {text} above 1 ({shown})",
        "Leave the row out, or use correct=False.",
        only_if_correct=True,
    )
