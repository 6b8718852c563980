"""The messages of `escalc`: one error that lists everything, and the warnings that say what became of a row."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

_SHOWN = 20
# warn, the helper that calls it, escalc, and the line that called escalc.
_CALLER = 4


@dataclass(frozen=True, slots=True)
class EscalcProblem:
    """One thing that is wrong.

    Parameters
    ----------
    wrong : what is wrong. remedy : what to do.
    row : the position of the row, from 0, or None for the call as a whole.
    label : how the row is called in the data, if it has an index of its own.
    columns : the arguments concerned.

    Example
    -------
    >>> print(EscalcProblem("ni is 3", "Leave the row out.", row=4, columns=("ni",)))
    row 4: ni is 3. Leave the row out.
    """

    wrong: str
    remedy: str
    row: int | None = None
    label: object = None
    columns: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = ""
        if self.row is not None:
            where = f"row {self.row}: " if self.label is None else f"row {self.label!r} (position {self.row}): "
        return f"{where}{self.wrong}. {self.remedy}"


class EscalcError(ValueError):
    """Inputs from which the measure cannot be computed; `problems` holds all of them.

    Example
    -------
    >>> print(EscalcError("ZCOR", [EscalcProblem("ni is 3", "Leave the row out.", row=4)]))
    escalc('ZCOR'): 1 problem
    - row 4: ni is 3. Leave the row out.
    """

    def __init__(self, measure: str, problems: Iterable[EscalcProblem]) -> None:
        self.problems = tuple(problems)
        lines = [f"- {problem}" for problem in self.problems[:_SHOWN]]
        if len(self.problems) > _SHOWN:
            lines.append(f"- … and {len(self.problems) - _SHOWN} more, in the attribute `problems` of this error.")
        count = f"{len(self.problems)} problem{'s' if len(self.problems) > 1 else ''}"
        super().__init__("\n".join([f"escalc({measure!r}): {count}", *lines]))


class EscalcWarning(UserWarning):
    """A row has a result that the caller should know about."""


class MissingInputWarning(EscalcWarning):
    """Rows whose inputs are missing have no yi and vi."""


class UndefinedEffectWarning(EscalcWarning):
    """Rows in which the measure is not defined have no yi or no vi, as the call asked for."""


class ZeroVarianceWarning(EscalcWarning):
    """Rows have a sampling variance of 0, which no model can weight."""


class ReplacedColumnWarning(EscalcWarning):
    """Columns of the data were replaced by other values."""


def warn(category: type[EscalcWarning], message: str) -> None:
    """Warn at the line that called escalc.

    Example
    -------
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     warn(ZeroVarianceWarning, "The sampling variance is 0.")
    >>> caught[0].category.__name__
    'ZeroVarianceWarning'
    """
    warnings.warn(message, category, stacklevel=_CALLER)


def nearest(word: object, allowed: Sequence[str]) -> str:
    """Name the known word that is closest to an unknown one, as a half sentence; two letters swapped come first.

    Example
    -------
    >>> nearest("SDM", ["MD", "SMD", "OR"])
    " Did you mean 'SMD'?"
    """
    folded = {name.casefold(): name for name in allowed}
    typed = str(word).casefold()
    swapped = (typed[:i] + typed[i + 1] + typed[i] + typed[i + 2 :] for i in range(len(typed) - 1))
    found = [other for other in (typed, *swapped) if other in folded]
    found = found or get_close_matches(typed, folded, n=1, cutoff=0.4)
    return f" Did you mean {folded[found[0]]!r}?" if found else ""


def listed(rows: Sequence[object]) -> str:
    """Name the first few rows of many.

    Example
    -------
    >>> listed([1, 2, 3])
    '1, 2, 3'
    """
    text = ", ".join(str(row) for row in rows[:10])
    return text if len(rows) <= 10 else f"{text} and {len(rows) - 10} more"
