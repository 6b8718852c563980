"""What can be wrong with a sheet: the codes, and the record of one problem."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

#: Makes (problem, allowed, remedy) of a position in the frame.
Say = Callable[[int], tuple[str, str, str]]

ERROR, WARNING, NOTE = SEVERITIES = ("error", "warning", "note")
PROBLEM_COLUMNS = ("code", "severity", "file", "sheet", "row", "column", "value", "problem", "allowed", "remedy")
#: A million bad cells of one kind are one mistake; beyond this many the rest is counted in a single line.
LISTED_PER_RULE = 5000
_SHOWN, _ROWS_SHOWN = 60, 8


class Code(Enum):
    """A kind of problem: its slug, its usual severity and one line of documentation."""

    # the file
    UNREADABLE_FILE = ("unreadable-file", ERROR, "The file cannot be read as a sheet.")
    EMPTY_SHEET = ("empty-sheet", ERROR, "The sheet has no rows, or no header.")
    MISSING_SHEET = ("missing-sheet", ERROR, "The review has no sheet of effects.")
    IGNORED_FILE = ("ignored-file", WARNING, "A file or a workbook's sheet that is not read.")
    GUESSED_ENCODING = ("guessed-encoding", NOTE, "The file is not Unicode; its encoding was guessed.")
    ROWS_ABOVE_HEADER = ("rows-above-header", NOTE, "Rows above the header were skipped.")
    RAGGED_ROW = ("ragged-row", ERROR, "A row has more cells than the header.")
    SHORT_ROW = ("short-row", NOTE, "Rows have fewer cells than the header; the missing ones are read as empty.")
    MERGED_CELLS = ("merged-cells", ERROR, "Merged cells: only the first one holds the value.")
    FORMULA = ("formula", WARNING, "A formula instead of a value.")
    PARTICIPANT_LEVEL = ("participant-level", ERROR, "The sheet looks like data of single persons.")
    NOT_MAPPED = ("not-mapped", WARNING, "Something in a file of another tool that has no place in our tables.")
    SECOND_EXTRACTION = ("second-extraction", ERROR, "Rows of several extractors of one study, taken together.")
    CONFLICTING_STUDY = ("conflicting-study", WARNING, "Rows of one study that say different things of it.")
    # the columns
    DUPLICATE_COLUMN = ("duplicate-column", ERROR, "Two columns have the same name.")
    UNNAMED_COLUMN = ("unnamed-column", WARNING, "A column with values has no name.")
    UNKNOWN_COLUMN = ("unknown-column", WARNING, "A column that the extraction standard does not know.")
    EXTRA_COLUMN = ("extra-column", NOTE, "A column of the user's own, carried along untouched.")
    MISSING_COLUMN = ("missing-column", ERROR, "A required column is missing.")
    # identity
    MISSING_ID = ("missing-id", ERROR, "A row without an id.")
    DUPLICATE_ID = ("duplicate-id", ERROR, "An id that stands more than once.")
    UNKNOWN_STUDY = ("unknown-study", ERROR, "An effect whose study is not in the studies sheet.")
    UNUSED_STUDY = ("unused-study", NOTE, "A study without an effect.")
    UNEXPLAINED_EXCLUSION = ("unexplained-exclusion", WARNING, "include and exclude_reason do not fit together.")
    # words
    UNKNOWN_WORD = ("unknown-word", ERROR, "A word that the vocabulary does not have.")
    RESPELLED_WORD = ("respelled-word", NOTE, "A word in another spelling than the vocabulary's, read as its id.")
    UNKNOWN_REGION = ("unknown-region", NOTE, "A region that the vocabulary of regions does not have.")
    # numbers
    NOT_A_NUMBER = ("not-a-number", ERROR, "Text in a column of numbers.")
    INEQUALITY = ("inequality", ERROR, "An inequality in a column of numbers.")
    DATE_IN_NUMBER = ("date-in-number", ERROR, "A date in a column of numbers, often a number that Excel changed.")
    AMBIGUOUS_NUMBER = ("ambiguous-number", ERROR, "A comma or point that may be a decimal mark or separate thousands.")
    REWRITTEN_NUMBER = ("rewritten-number", WARNING, "A number in unusual writing that can be read in one way only.")
    NO_VALUE_WORD = ("no-value-word", NOTE, "A word such as NA, read as an empty cell.")
    NOT_WHOLE = ("not-whole", WARNING, "A count that is not a whole number.")
    N_BELOW_2 = ("n-below-2", ERROR, "A group with fewer than two participants.")
    SD_NOT_POSITIVE = ("sd-not-positive", ERROR, "A standard deviation or error that is not positive.")
    R_OUTSIDE = ("r-outside", ERROR, "A correlation that is not between -1 and 1.")
    P_OUTSIDE = ("p-outside", ERROR, "A p value outside [0, 1].")
    PROPORTION_OUTSIDE = ("proportion-outside", ERROR, "A proportion outside [0, 1].")
    OUT_OF_RANGE = ("out-of-range", ERROR, "A number that its column cannot hold.")
    EVENTS_ABOVE_TOTAL = ("events-above-total", ERROR, "More events than participants.")
    CI_NOT_AROUND = ("ci-not-around", ERROR, "An estimate outside its own interval, or limits in the wrong order.")
    # contradictions
    CI_NOT_SYMMETRIC = ("ci-not-symmetric", WARNING, "An interval that is not symmetric on the scale of its estimate.")
    SIGN_AGAINST_DIRECTION = ("sign-against-direction", WARNING, "The sign of a statistic contradicts direction.")
    T_AGAINST_MEANS = ("t-against-means", WARNING, "The printed t is not the one of the means and SDs.")
    P_AGAINST_STATISTIC = ("p-against-statistic", WARNING, "The printed p is not the one of the statistic.")
    SE_AS_SD = ("se-as-sd", WARNING, "Standard errors seem to stand in the columns of SDs.")
    IMPLAUSIBLE_SIZE = ("implausible-size", WARNING, "An effect of a size that hardly occurs.")
    PROPORTION_AGAINST_EVENTS = ("proportion-against-events", WARNING, "proportion is not events over total.")
    N_AGAINST_TOTAL = ("n-against-total", WARNING, "The groups have more participants than the study.")
    DF_AGAINST_N = ("df-against-n", WARNING, "More degrees of freedom than participants.")
    NO_ROUTE = ("no-route", WARNING, "No combination of the filled cells gives an effect.")

    def __init__(self, slug: str, severity: str, doc: str) -> None:
        self.slug, self.severity, self.doc = slug, severity, doc


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: what is wrong, where, what is allowed and what to do.

    `row` counts as a spreadsheet does: the header is row 1 and the first row of data is row 2.
    """

    code: Code
    problem: str
    allowed: str = ""
    remedy: str = ""
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    severity: str = ""

    def __post_init__(self) -> None:
        if not self.severity:
            object.__setattr__(self, "severity", self.code.severity)


@dataclass(frozen=True, slots=True)
class Hits:
    """The cells of one column that one rule rejects.

    `say` makes (problem, allowed, remedy) of a position in the frame; it is called for the cells that are listed only.
    """

    code: Code
    column: str
    where: NDArray[np.intp]
    say: Say
    severity: str = ""

    @classmethod
    def of(cls, code: Code, column: str, mask: object, say: Say, severity: str = "") -> Hits:
        """Hits from a mask over the rows instead of positions."""
        return cls(code, column, np.flatnonzero(np.asarray(mask, dtype=bool)), say, severity)


def shown(text: object) -> str:
    """Return a cell as it may stand in a message: on one line, short, and inert in a terminal and a spreadsheet.

    Examples
    --------
    >>> shown("two\\nlines")
    'two lines'
    >>> shown("=1+1")
    "'=1+1"
    """
    line = re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in str(text)[: 4 * _SHOWN])).strip()
    if line[:1] in {"=", "@"}:
        line = "'" + line
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def to_frame(problems: Iterable[Problem]) -> pd.DataFrame:
    """Return problems as the table problems.csv: sorted by file, sheet, row, column and code.

    Parameters
    ----------
    problems : iterable of Problem
        In any order.

    Returns
    -------
    DataFrame
        Columns `PROBLEM_COLUMNS`; row is Int64 and missing where the whole sheet is meant.
    """
    records = [
        (p.code.slug, p.severity, p.file, p.sheet, p.row, p.column, p.value, p.problem, p.allowed, p.remedy)
        for p in problems
    ]
    frame = pd.DataFrame(records, columns=list(PROBLEM_COLUMNS)).astype({"row": "Int64"})
    frame = frame.astype({c: object for c in PROBLEM_COLUMNS if c != "row"})
    return in_order(frame)


def in_order(problems: pd.DataFrame) -> pd.DataFrame:
    """Sort problems by file, sheet, row, column and code, those of a whole sheet first."""
    keys = ["file", "sheet", "row", "column", "code", "problem"]
    return problems.sort_values(keys, na_position="first", kind="stable", ignore_index=True)


def render_problems(problems: pd.DataFrame, limit: int = 20) -> str:
    """Return a plain text summary: the counts, then each kind of problem with its places, errors first.

    Parameters
    ----------
    problems : DataFrame
        As `to_frame` gives it.
    limit : int
        Places shown of one kind.

    Returns
    -------
    str
        Lines without a trailing newline.

    Examples
    --------
    >>> print(render_problems(to_frame([])))
    No problems found.
    """
    if problems.empty:
        return "No problems found."
    counts = Counter(problems["severity"])
    lines = [", ".join(_count(counts[s], s) for s in SEVERITIES if counts[s]) + "."]
    for severity in SEVERITIES:
        found = problems[problems["severity"] == severity]
        for slug, group in found.groupby("code", sort=True):
            lines += ["", f"{severity} {slug} ({len(group)})", *_places(group, limit)]
    return "\n".join(lines)


def _places(group: pd.DataFrame, limit: int) -> Iterator[str]:
    """The places of one kind of problem; cells with the same words share a line."""
    same = ["file", "sheet", "column", "problem", "allowed", "remedy"]
    kinds = list(group.groupby(same, sort=False))
    advice = [_advice(allowed, remedy) for (*_, allowed, remedy), _ in kinds]
    shared = len(set(advice)) == 1
    for ((file, sheet, column, problem, *_), rows), own in list(zip(kinds, advice, strict=True))[:limit]:
        yield f"  {place(file, sheet, rows['row'].tolist(), column)}: {problem}"
        if own and not shared:
            yield f"      {own}"
    if len(kinds) > limit:
        yield f"  … and {sum(len(rows) for _, rows in kinds[limit:])} more of this kind."
    if shared and advice[0]:
        yield f"      {advice[0]}"


def _advice(allowed: str, remedy: str) -> str:
    return " ".join(part for part in (f"Allowed: {allowed}." if allowed else "", remedy) if part)


def place(file: str, sheet: str, rows: Sequence[object], column: str) -> str:
    """Say where cells are.

    Examples
    --------
    >>> place("review.xlsx", "effects", [7], "p"), place("effects.csv", "", [], "")
    ('review.xlsx [effects] row 7 column p', 'effects.csv')
    """
    where = f"{file} [{sheet}]" if sheet else file
    numbers = [str(row) for row in rows if not pd.isna(row)]
    if numbers:
        more = f", … ({len(numbers)} in all)" if len(numbers) > _ROWS_SHOWN else ""
        where += f" row{'s' if len(numbers) > 1 else ''} {', '.join(numbers[:_ROWS_SHOWN])}{more}"
    return f"{where} column {column}" if column else where


def _count(n: int, severity: str) -> str:
    return f"{n} {severity}" if n == 1 else f"{n} {severity}s"
