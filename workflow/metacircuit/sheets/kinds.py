"""What a column of a sheet may hold: its kind, its range and its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from metacircuit.sheets.problems import Code

Kind = Literal["id", "word", "text", "number", "count", "sign"]

NUMERIC: frozenset[str] = frozenset({"number", "count", "sign"})


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers that a column may hold; `code` is the problem of one outside."""

    low: float = float("-inf")
    high: float = float("inf")
    low_open: bool = False
    high_open: bool = False
    code: Code = Code.OUT_OF_RANGE
    remedy: str = "Compare with the paper and correct the cell, or empty it."

    @property
    def allowed(self) -> str:
        """The range in words."""
        if self.high == float("inf"):
            return f"above {self.low:g}" if self.low_open else f"{self.low:g} or more"
        if self.low_open and self.high_open:
            return f"above {self.low:g} and below {self.high:g}"
        return f"from {self.low:g} to {self.high:g}"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the extraction standard."""

    name: str
    kind: Kind
    group: str
    description: str
    example: str = ""
    range: Range | None = None
    allowed: tuple[str, ...] = ()
    required: bool = False

    @property
    def numeric(self) -> bool:
        """Whether cells of the column are read as numbers."""
        return self.kind in NUMERIC


PARTICIPANTS = Range(
    low=2, code=Code.N_BELOW_2, remedy="Type the number of participants analysed in the group, or leave the cell empty."
)
SPREAD = Range(
    low=0,
    low_open=True,
    code=Code.SD_NOT_POSITIVE,
    remedy="Look the spread up in the paper; empty the cell if it is not printed.",
)
P_VALUE = Range(
    low=0, high=1, code=Code.P_OUTSIDE, remedy="Type p as a number between 0 and 1 such as 0.03, its sign in p_op."
)
CORRELATION = Range(
    low=-1,
    high=1,
    low_open=True,
    high_open=True,
    code=Code.R_OUTSIDE,
    remedy="Type r as printed, such as -0.34; not as percent.",
)
PROPORTION = Range(low=0, high=1, code=Code.PROPORTION_OUTSIDE, remedy="Type 0.45 for 45 %.")
RATIO = Range(low=0, low_open=True, remedy="Type the ratio itself, not its logarithm.")
RATIO_LIMIT = Range(low=0, remedy="Type the limit of the ratio itself, not of its logarithm.")
NOT_NEGATIVE = Range(low=0)
POSITIVE = Range(low=0, low_open=True)
TOTAL = Range(low=1, remedy="Type how many participants the events were counted in.")
YEAR = Range(low=1800, high=2100, remedy="Type the year of publication with four digits.")
