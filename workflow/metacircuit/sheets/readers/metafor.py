"""metafor's arguments as columns: what `escalc` is given becomes what a paper prints."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from metacircuit.sheets.readers.amounts import COLUMN_OF_MEASURE, interval, number, written

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Ours, and what it is called where a table is made for metafor or in its data sets.
DEFAULTS: dict[str, tuple[str, ...]] = {
    **{"ai": ("ai", "tpos"), "bi": ("bi", "tneg"), "ci": ("ci", "cpos"), "di": ("di", "cneg")},
    **{name: (name,) for name in ("n1i", "n2i", "m1i", "m2i", "sd1i", "sd2i", "ri", "ni", "xi", "mi")},
    **{name: (name,) for name in ("x1i", "x2i", "t1i", "t2i", "yi", "vi", "sei")},
}
#: Columns that are read and become others; none of them is a column of the standard.
READ = frozenset({
    *DEFAULTS, "ti", "measure",
    *(f"{column}_se" for column in ("d", "g")),
    *(f"log_{column}{end}" for column in ("or", "rr", "hr", "irr") for end in ("", "_se")),
    "z_r", "z_r_se",
})  # fmt: skip
_SAME = {
    "m1i": "mean1", "m2i": "mean2", "sd1i": "sd1", "sd2i": "sd2", "ri": "r",
    "x1i": "events1", "x2i": "events2", "t1i": "time1", "t2i": "time2",
}  # fmt: skip
_GIVEN = (
    *((column, column, f"{column}_se") for column in ("d", "g")),
    *((column, f"log_{column}", f"log_{column}_se") for column in ("or", "rr", "hr", "irr")),
    ("r", "z_r", "z_r_se"),
)


def printed(cells: Mapping[str, str], measure: str = "") -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Turn metafor's columns of a row into those of the standard; a cell that is filled already stays.

    Parameters
    ----------
    cells : mapping of str to str
        A row by our names and metafor's.
    measure : str
        What yi is, where the row has no `measure`.

    Returns
    -------
    cells : dict of str to str
        Without metafor's columns.
    lost : list of (str, str)
        Columns that could not be turned, and why.

    Examples
    --------
    >>> printed({"ai": "4", "bi": "119", "ci": "11", "di": "128"})[0] == {
    ...     "events1": "4", "total1": "123", "events2": "11", "total2": "139"
    ... }
    True
    >>> printed({"yi": "0.2", "vi": "0.04"}, "MD")[1]
    [('yi', 'yi of the measure MD has no column; HR, IRR, OR, PETO, RR, SMD, ZCOR have')]
    """
    made: dict[str, str] = {}
    lost: list[tuple[str, str]] = []
    for theirs, ours in _SAME.items():
        made[ours] = cells.get(theirs, "")
    _sizes(cells, made)
    given = dict(cells)
    if cells.get("yi"):
        lost += _estimate(cells, given, cells.get("measure", "") or measure)
    for column, value, error in _GIVEN:
        estimate, se = number(given.get(value, "")), number(given.get(error, ""))
        if estimate is not None and se is not None and not (given.get(f"{column}_lo") and given.get(f"{column}_hi")):
            found = interval(column, estimate, se)
            made |= found or {}
            if found is None:
                lost.append((value, f"{value} with {error} {given[error]} has no 95% interval"))
        elif (given.get(error) or (value != column and given.get(value))) and not given.get(f"{column}_lo"):
            lost.append((value, f"{value} and {error} are needed together, as numbers"))
    rest = {name: cell for name, cell in cells.items() if name not in READ or name == "measure"}
    return {**rest, **{name: cell for name, cell in made.items() if cell and not rest.get(name)}}, lost


def _sizes(cells: Mapping[str, str], made: dict[str, str]) -> None:
    """Counts have totals, means have sizes, one proportion or correlation has a total."""
    counts = False
    for side, hit, miss in (("1", "ai", "bi"), ("2", "ci", "di")):
        a, b = number(cells.get(hit, "")), number(cells.get(miss, ""))
        size = cells.get(f"n{side}i", "")
        if cells.get(hit):
            counts = True
            made[f"events{side}"] = cells[hit]
            made[f"total{side}"] = size or (written(a + b) if a is not None and b is not None else "")
    if not counts:
        made |= {"n1": cells.get("n1i", ""), "n2": cells.get("n2i", "")}
    if cells.get("xi"):
        made["events1"] = cells["xi"]
        x, m = number(cells["xi"]), number(cells.get("mi", ""))
        made["total1"] = cells.get("ni", "") or (written(x + m) if x is not None and m is not None else "")
        made["time1"] = cells.get("ti", "")
    else:
        made |= {"n_total": cells.get("ni", ""), "t": cells.get("ti", "")}


def _estimate(cells: Mapping[str, str], given: dict[str, str], measure: str) -> list[tuple[str, str]]:
    """Put yi and its error where the measure has a column; say why not, if it has none."""
    column = COLUMN_OF_MEASURE.get(measure.strip().upper())
    if column is None:
        known = ", ".join(sorted(COLUMN_OF_MEASURE))
        what = f"yi of the measure {measure}" if measure else "yi without `measure`"
        return [("yi", f"{what} has no column; {known} have")]
    variance = number(cells.get("vi", ""))
    error = cells.get("sei") or (repr(math.sqrt(variance)) if variance is not None and variance > 0 else "")
    if number(error) is None or number(cells["yi"]) is None:
        return [("yi", "yi needs vi or sei above 0, and all of them as numbers")]
    value = {"r": "z_r", "g": "g"}.get(column, f"log_{column}")
    given |= {value: cells["yi"], f"{value}_se": error}
    return []
