"""From what a user passes to checked counts."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metacircuit.effects.escalc import escalc
from metacircuit.models.choices import one_of

Array = NDArray[np.float64]

# Measure: the counts it needs, in order.
TABLE, RATES = ("ai", "bi", "ci", "di"), ("x1i", "x2i", "t1i", "t2i")
NEEDED: Mapping[str, tuple[str, ...]] = {
    "OR": TABLE,
    "RR": TABLE,
    "RD": TABLE,
    "PETO": TABLE,
    "IRR": RATES,
    "IRD": RATES,
    "PLO": ("xi", "ni"),
    "IRLN": ("xi", "ti"),
}
# A count that may be given by a total instead: its total and the other part.
FROM_TOTAL = {"bi": ("n1i", "ai"), "di": ("n2i", "ci")}
TIMES = ("t1i", "t2i", "ti")


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Counts of the studies that have them all.

    Attributes
    ----------
    columns : name to (k,) array.
    rows : (k,) positions in the data as given.
    k_all : studies given; notes : what was left out, and why.
    """

    columns: dict[str, Array]
    rows: NDArray[np.intp]
    k_all: int
    notes: tuple[str, ...]

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    @property
    def k(self) -> int:
        """Number of studies."""
        return len(self.rows)

    def where(self, kept: NDArray[np.bool_], note: str) -> "Counts":
        """Some of the studies; the note says how many were left out."""
        if kept.all():
            return self
        values = {name: x[kept] for name, x in self.columns.items()}
        left_out = ", ".join(str(i + 1) for i in self.rows[~kept][:10])
        return Counts(values, self.rows[kept], self.k_all, (*self.notes, f"{note} (study {left_out})"))


def counts_of(measure: str, given: Mapping[str, Any], data: pd.DataFrame | None) -> Counts:
    """Read and check the counts that a measure needs.

    Parameters
    ----------
    measure : code.
    given : name to array, or to the name of a column of `data`; None is absent. Totals n1i, n2i and the non-events mi
        of a proportion are understood.
    data : DataFrame, optional

    Returns
    -------
    Counts
        Studies with a missing count are left out, with a note.

    Raises
    ------
    ValueError
        With all problems at once.
    """
    present = {name: _column(name, x, data) for name, x in given.items() if x is not None}
    for name, (total, part) in FROM_TOTAL.items():
        if name not in present and total in present and part in present:
            present[name] = present[total] - present[part]
    if "ni" not in present and {"xi", "mi"} <= set(present):
        present["ni"] = present["xi"] + present["mi"]
    needed = NEEDED[measure]
    missing = [name for name in needed if name not in present]
    if missing:
        totals = " (bi and di can be given as n1i and n2i)" if needed is TABLE else ""
        raise ValueError(f"measure '{measure}' needs {', '.join(needed)}{totals}; missing: {', '.join(missing)}")
    values = {name: present[name] for name in needed}
    lengths = {name: len(x) for name, x in values.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} {n}" for name, n in lengths.items())
        raise ValueError(f"the counts differ in length: {listed}; each study needs all of them")
    k = lengths[needed[0]]
    known = np.all([np.isfinite(x) for x in values.values()], axis=0) if k else np.zeros(0, bool)
    counts = Counts(values, np.arange(k), k, ()).where(known, "left out because a count is missing")
    if not counts.k:
        raise ValueError(f"no study has all of {', '.join(needed)}")
    _check(counts)
    return counts


def study_effects(measure: str, counts: Counts, add: float, to: str, drop00: bool) -> tuple[Array, Array]:
    """Estimates and variances of the single studies, without those that are undefined; they serve Q, I2 and H2."""
    kept = ~double_zero(counts) if drop00 else np.ones(counts.k, bool)
    if not kept.any():
        return np.empty(0), np.empty(0)
    columns = {name: x[kept] for name, x in counts.columns.items()}
    # The undefined studies, of which this warns, are taken out in the next lines.
    effects = _quietly(lambda: escalc(measure, add=add, to=to, missing="keep", **columns))
    yi, vi = effects["yi"].to_numpy(float), effects["vi"].to_numpy(float)
    defined = np.isfinite(yi) & np.isfinite(vi) & (vi > 0)
    return yi[defined], vi[defined]


def double_zero(counts: Counts) -> NDArray[np.bool_]:
    """Studies without an event, or without a non-event, in both groups: they say nothing about a ratio."""
    if "ai" in counts.columns:
        return ((counts["ai"] == 0) & (counts["ci"] == 0)) | ((counts["bi"] == 0) & (counts["di"] == 0))
    if "x1i" in counts.columns:
        return (counts["x1i"] == 0) & (counts["x2i"] == 0)
    return np.zeros(counts.k, bool)


def pair(name: str, value: Any, second: Any) -> tuple[Any, Any]:
    """An option for the single studies and one for the pooling; one value is for the studies."""
    if isinstance(value, str | bool | int | float):
        return value, second
    if isinstance(value, Sequence) and len(value) == 2:
        return tuple(value)
    raise ValueError(f"{name}={value!r} must be one value, or one for the single studies and one for the pooling")


def with_added(counts: Counts, add: float, to: str) -> Counts:
    """Counts with a constant added where `to` says: "none", "all", "only0" or "if0all"."""
    one_of("to", to, ("none", "all", "only0", "if0all"))
    cells = [name for name in counts.columns if name not in TIMES]
    zero = np.any([counts[name] == 0 for name in cells], axis=0)
    chosen = {
        "none": np.zeros_like(zero),
        "all": np.ones_like(zero),
        "only0": zero,
        "if0all": np.full_like(zero, zero.any()),
    }[to]
    values = {name: x + add * chosen if name in cells else x for name, x in counts.columns.items()}
    return Counts(values, counts.rows, counts.k_all, counts.notes)


def _column(name: str, given: Any, data: pd.DataFrame | None) -> Array:
    """Numbers of one argument."""
    if isinstance(given, str):
        if data is None:
            raise ValueError(f"{name}='{given}' names a column, but there is no data=")
        one_of(name, given, [str(c) for c in data.columns])
        given = data[given]
    try:
        return np.atleast_1d(np.asarray(given, float)).ravel()
    except (TypeError, ValueError):
        raise ValueError(f"{name} must hold numbers: {given!r:.80}") from None


def _check(counts: Counts) -> None:
    """Refuse counts that cannot be."""
    problems = []
    rules = [(name, x < 0, "is below zero") for name, x in counts.columns.items() if name not in TIMES]
    rules += [(name, x <= 0, "must be above zero") for name, x in counts.columns.items() if name in TIMES]
    if "ni" in counts.columns:
        rules += [("xi", counts["xi"] > counts["ni"], "is larger than ni"), ("ni", counts["ni"] == 0, "is zero")]
    if "ai" in counts.columns:
        rules += [
            ("ai + bi", counts["ai"] + counts["bi"] == 0, "is zero: group 1 is empty"),
            ("ci + di", counts["ci"] + counts["di"] == 0, "is zero: group 2 is empty"),
        ]
    for name, wrong, what in rules:
        if wrong.any():
            rows = ", ".join(str(i + 1) for i in counts.rows[wrong][:10])
            problems.append(f"{name} {what} in study {rows}")
    if problems:
        raise ValueError("; ".join(problems) + ": mend these counts, or leave the studies out")


def _quietly(call: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Without warnings."""

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call()
