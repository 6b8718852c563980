"""Double coding with a variable a row: pairs of columns A (two coders), some followed by R (a judged agreement)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.config.errors import UserError
from metacircuit.sheets.parse import read_numbers
from metacircuit.sheets.words import fold
from metacircuit.stats.agreement import cohen_kappa

if TYPE_CHECKING:
    from collections.abc import Sequence

VARIABLES = (
    *("variable", "studies", "both_empty", "compared", "agree", "percent", "kappa"),
    *("judged", "judged_agree", "judged_percent", "judged_otherwise"),
)
DIFFERENCES = ("variable", "study", "first", "second", "judged")

_CODER, _JUDGED = re.compile(r"a(\d+)"), re.compile(r"r(\d+)")
_NOTHING = frozenset({"", "na", "n/a", "nr"})


@dataclass(frozen=True, slots=True)
class Coding:
    """Where the two codings of one study stand, and the judgement on them if there is one (else -1)."""

    first: int
    second: int
    judged: int = -1


def find_codings(header: Sequence[str]) -> tuple[Coding, ...]:
    """Find the pairs of coders in a header such as Variable, A1, A2, R1, A3, A4.

    Parameters
    ----------
    header : sequence of str
        The first column names the variables.

    Returns
    -------
    tuple of Coding
        One a study, in the order of the sheet.

    Raises
    ------
    UserError
        If a column is neither A with a number nor R with a number, or a coder stands alone.

    Examples
    --------
    >>> find_codings(["Variable", "A1", "A2", "R1", "A3", "A4"])
    (Coding(first=1, second=2, judged=3), Coding(first=4, second=5, judged=-1))
    """
    names = [name.strip().casefold() for name in header]
    while names and not names[-1]:
        names.pop()
    wrong = [header[i] for i, n in enumerate(names) if i and not (_CODER.fullmatch(n) or _JUDGED.fullmatch(n))]
    found: list[Coding] = []
    i = 1
    while i < len(names) and not wrong:
        if not (_CODER.fullmatch(names[i]) and i + 1 < len(names) and _CODER.fullmatch(names[i + 1])):
            wrong.append(header[i])
            break
        judged = i + 2 if i + 2 < len(names) and _JUDGED.fullmatch(names[i + 2]) else -1
        found.append(Coding(i, i + 1, judged))
        i += 2 if judged < 0 else 3
    if wrong or not found:
        what = f"does not fit: {', '.join(repr(name) for name in wrong[:5])}" if wrong else "has no coders"
        raise UserError(
            f"The header {what}. Allowed: the variable, then for each study two columns A1, A2, … (its coders),"
            " perhaps followed by one R1, … (1: judged as agreeing, 0: not)."
        )
    return tuple(found)


def compare_variables(lines: Sequence[Sequence[str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare two coders variable by variable.

    Cells are equal if they are one number, or texts that differ in case, blanks, line ends and hyphens only. NA, NR and
    an empty cell all say nothing. The judgements R stand beside the comparison and do not replace it.

    Parameters
    ----------
    lines : sequence of sequences of str
        Header first; cells may have several lines.

    Returns
    -------
    agreement : DataFrame
        A row a variable: studies, both_empty, compared (at least one filled), agree and percent of the compared ones;
        Cohen's kappa over all studies; judged cells, how many were judged as agreeing, their percent, and
        judged_otherwise: judgements that differ from the comparison of the texts.
    differences : DataFrame
        Every pair of cells that differs; the study is named by the first coder's cell of the first variable.

    Raises
    ------
    UserError
        If the header does not fit, or a judgement is neither 0 nor 1, with every such cell.

    Examples
    --------
    >>> lines = [["Variable", "A1", "A2", "R1", "A3", "A4"], ["n", "20", "20", "1", "31", "13"]]
    >>> compare_variables(lines)[0][["variable", "compared", "agree", "percent", "judged"]].to_numpy().tolist()
    [['n', 2, 1, 50.0, 1]]
    """
    codings = find_codings(lines[0] if lines else [])
    width = len(lines[0])
    body = [[*line, *[""] * (width - len(line))] for line in lines[1:] if any(cell.strip() for cell in line)]
    wrong = [
        f"{line[0].strip()}: {lines[0][c.judged]} is {line[c.judged]!r}. Allowed: 1 (agree), 0 (differ) or empty."
        for line in body
        for c in codings
        if c.judged >= 0 and line[c.judged].strip() not in ("", "0", "1")
    ]
    if wrong:
        raise UserError(*wrong)
    studies = [body[0][c.first].strip() for c in codings] if body else []
    table, differences = [], []
    for line in body:
        name = line[0].strip()
        a, b = [_said(line[c.first]) for c in codings], [_said(line[c.second]) for c in codings]
        same = [x == y for x, y in zip(a, b, strict=True)]
        filled = [bool(x or y) for x, y in zip(a, b, strict=True)]
        agree, compared = sum(s and f for s, f in zip(same, filled, strict=True)), sum(filled)
        judged = [line[c.judged].strip() if c.judged >= 0 else "" for c in codings]
        rated = [(j == "1", s) for j, s in zip(judged, same, strict=True) if j]
        yes = sum(j for j, _ in rated)
        table.append(
            (
                *(name, len(codings), len(codings) - compared, compared, agree, _percent(agree, compared)),
                *(cohen_kappa(a, b), len(rated), yes, _percent(yes, len(rated)), sum(j != s for j, s in rated)),
            )
        )
        differences += [
            (name, study, line[c.first].strip(), line[c.second].strip(), j)
            for study, c, s, j in zip(studies, codings, same, judged, strict=True)
            if not s
        ]
    return pd.DataFrame(table, columns=list(VARIABLES)), pd.DataFrame(differences, columns=list(DIFFERENCES))


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else float("nan")


def _said(cell: str) -> str:
    text = fold(cell)
    if text in _NOTHING:
        return ""
    read = read_numbers([text])
    return text if read.odd else f"{read.numbers[0]:.15g}"
