"""Why a text in a column of numbers is none, and what to do: the common habits each have their own advice."""

from __future__ import annotations

import re
from typing import NamedTuple

from metacircuit.sheets.problems import Code, shown


class Odd(NamedTuple):
    """What is unusual about a word: the code, what it says, what is allowed and what to do."""

    code: Code
    problem: str
    allowed: str
    remedy: str


class Habit(NamedTuple):
    """A way in which people fill a cell of a number column with something else."""

    pattern: re.Pattern[str]
    code: Code
    problem: str
    remedy: str


NUMBER = "a plain number such as 12 or -0.35"

NO_VALUE = frozenset({
    "na", "n/a", "n.a.", "nan", "null", "none", "nil", "missing", "nr", "n.r.", "n/r", "#n/a", "k.a.", "无",
    "-", "--", "–", "—", ".", "?", "/", "not reported", "not available",
})  # fmt: skip
_MONTH = r"(?:jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-z]*\.?"
_DATES = (
    r"\d{4}-\d{1,2}-\d{1,2}(?:[ t][\d:.]+)?",
    r"\d{1,2}[./]\d{1,2}[./]\d{2,4}",
    rf"\d{{1,2}}[-. ]{_MONTH}(?:[-. ]\d{{2,4}})?",
    rf"{_MONTH}[- ]\d{{1,4}}",
)
_SOME = r"[-+]?[\d.,]+"
_BOUND = "into p_op and bound into usable, or the exact p if it is printed."


def _habit(pattern: str, code: Code, problem: str, remedy: str) -> Habit:
    return Habit(re.compile(pattern), code, problem, remedy)


_HABITS = (
    _habit(
        r"p?\s*=?\s*n\.?\s?s\.?|not significant|non-?significant|insignificant", Code.NOT_A_NUMBER,
        "{cell} is no number: it says that p is above .05.", f"Type 0.05 into p, > {_BOUND}",
    ),
    _habit(
        r"\*{1,4}|s\.|sig\.?|significant", Code.NOT_A_NUMBER,
        "{cell} is no number: it says that p is below a threshold.", f"Type 0.05 into p, < {_BOUND}",
    ),
    _habit("|".join(_DATES), Code.DATE_IN_NUMBER,
           "{cell} is a date; Excel makes dates of numbers such as 3.1 or 2-4.",
           "Look the number up in the paper, format the column as text, and type it again."),
    _habit(r".*%", Code.NOT_A_NUMBER, "{cell} is a percentage.", "Type 0.45 for 45 %."),
    _habit(rf"({_SOME})\s*\(\s*{_SOME}\s*\)|({_SOME})\s*±\s*{_SOME}", Code.NOT_A_NUMBER,
           "{cell} holds two numbers.", "Type the mean and its SD into their own columns."),
    _habit(rf"{_SOME}\s*(?:-|~|–|—|to|bis)\s*{_SOME}", Code.NOT_A_NUMBER, "{cell} holds two numbers.",
           "Type one number a cell; limits of intervals have their own columns (…_lo, …_hi)."),
    _habit(rf"({_SOME})\s*(?:\*+|[a-z†‡§¶#])", Code.NOT_A_NUMBER, "{cell} has a footnote mark.", "Type {number}."),
    _habit(r"#.*", Code.NOT_A_NUMBER, "{cell} is an error of the spreadsheet.",
           "Mend the formula that gave it, or type the number."),
    _habit(r".*", Code.NOT_A_NUMBER, "{cell} is not a number.",
           "Type the number as printed, or leave the cell empty; put remarks into notes."),
)  # fmt: skip


def no_value(text: str) -> Odd:
    """Say that a word such as NA is read as an empty cell."""
    problem = f"{shown(text)} is read as an empty cell."
    return Odd(Code.NO_VALUE_WORD, problem, "an empty cell where nothing is printed", "Empty the cell.")


def explain(text: str, typed: str, inequality: tuple[str, str] | None) -> Odd:
    """Say why a word is no number.

    Parameters
    ----------
    text : str
        The word as it stands in the cell.
    typed : str
        The same with plain minus signs and blanks.
    inequality : tuple of str, optional
        Its sign and number, if it is an inequality.

    Returns
    -------
    Odd

    Examples
    --------
    >>> explain("3.1*", "3.1*", None).problem, explain("3.1*", "3.1*", None).remedy
    ('3.1* has a footnote mark.', 'Type 3.1.')
    """
    low, cell = typed.casefold(), shown(text)
    if low in NO_VALUE:
        return no_value(text)
    if low.startswith("=") and not low[1:].strip().replace(".", "").isdecimal():
        return Odd(
            Code.FORMULA, f"{cell} is a formula.", NUMBER, "Copy the column in the spreadsheet and paste it as values."
        )
    if inequality and inequality[1][:1] in "0123456789.,":
        remedy = f"Type {inequality[1]} into p and {inequality[0]} into p_op."
        return Odd(Code.INEQUALITY, f"{cell} is not a number but a sign and a number.", NUMBER, remedy)
    habit, match = next((h, m) for h in _HABITS if (m := h.pattern.fullmatch(low.replace("\n", " "))))
    number = next((group for group in match.groups() if group), "")
    return Odd(habit.code, habit.problem.format(cell=cell), NUMBER, habit.remedy.format(number=number))
