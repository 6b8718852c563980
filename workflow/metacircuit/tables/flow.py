"""The flow of a review as PRISMA 2020 shows it: from the records found to the effects of each analysis, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COLUMNS = ("lane", "box", "item", "n", "unit")

# Boxes in the order of the diagram; the lanes of the search come before those of the sheets.
SEARCH = ("identified", "removed", "screened", "screened_out", "sought", "not_retrieved", "assessed", "excluded")
_MOST_REASONS = 8


def flow(
    screening: pd.DataFrame | None, rows: pd.DataFrame, titles: Mapping[str, str], effects: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Count what each box of the flow diagram holds.

    Parameters
    ----------
    screening : DataFrame or None
        stage, route, source, reason, unit, n, as `metacircuit.sheets.screening` reads them; None where the review has
        no such record: the flow then begins with the sheets.
    rows : DataFrame
        What became of every row of the sheet: effect_id, study_id, fate, reason.
    titles : mapping of str to str
        Titles of the analyses, in order.
    effects : mapping of str to DataFrame
        effects/ANALYSIS.csv of each: study_id, status.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`. lane is databases, other, previous, review or sheets; a row with an empty item is the whole
        of its box, the others are its parts (sources, reasons, analyses).
    """
    found = [] if screening is None else list(_search(screening))
    return pd.DataFrame([*found, *_sheets(rows, titles, effects)], columns=list(COLUMNS))


def _search(screening: pd.DataFrame) -> Iterable[tuple[str, str, str, int, str]]:
    previous = screening[screening["stage"] == "previous"]
    for unit, part in previous.groupby("unit", sort=False):
        yield "previous", "previous", "", int(part["n"].sum()), str(unit)
    for lane, routes in (("databases", ("databases", "registers")), ("other", ("other",))):
        own = screening[screening["route"].isin(routes)]
        for box in SEARCH:
            part = own[own["stage"] == box]
            if part.empty:
                continue
            unit = str(part["unit"].iloc[0])
            yield lane, box, "", int(part["n"].sum()), unit
            names = part["source"].where(part["source"] != "", part["reason"])
            if box == "identified":
                # Without a name, databases and registers are told apart by their kind.
                names = part["source"].where(part["source"] != "", part["route"].str.capitalize())
            named = part.assign(item=names)[names != ""]
            for item, group in named.groupby("item", sort=False):
                yield lane, box, str(item), int(group["n"].sum()), unit
    included = screening[screening["stage"] == "included"]
    for unit, part in included.groupby("unit", sort=False):
        yield "review", "included", "", int(part["n"].sum()), str(unit)


def _sheets(
    rows: pd.DataFrame, titles: Mapping[str, str], effects: Mapping[str, pd.DataFrame]
) -> Iterable[tuple[str, str, str, int, str]]:
    yield "sheets", "extracted", "", rows["study_id"].nunique(), "studies"
    yield "sheets", "extracted", "", len(rows), "results"
    out = rows[rows["fate"] != "analysed"]
    yield "sheets", "not_analysed", "", len(out), "results"
    reasons = out["reason"].where(out["reason"].astype(str) != "", out["fate"]).astype(str).value_counts()
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    for reason, n in ordered[:_MOST_REASONS]:
        yield "sheets", "not_analysed", reason, int(n), "results"
    if len(ordered) > _MOST_REASONS:
        others = ordered[_MOST_REASONS:]
        yield "sheets", "not_analysed", f"{len(others)} other reasons", sum(n for _, n in others), "results"
    analysed = rows[rows["fate"] == "analysed"]
    yield "sheets", "analysed", "", analysed["study_id"].nunique(), "studies"
    yield "sheets", "analysed", "", len(analysed), "results"
    for name, title in titles.items():
        own = effects[name]
        own = own[own["status"] == "analysed"]
        yield "sheets", "analysed", title, own["study_id"].nunique(), "studies"
        yield "sheets", "analysed", title, len(own), "results"
