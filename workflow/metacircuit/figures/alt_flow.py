"""Flow diagrams in words, and what a reader must know beside the boxes."""

import pandas as pd

from metacircuit.figures.flow_plan import COLUMNS, LANES, sentences
from metacircuit.figures.result import require_columns
from metacircuit.wording import plural

UNSEARCHED = "The review has no record of its search and screening: the flow begins with the sheets."


def prisma_alt(flow: pd.DataFrame) -> str:
    """Alternative text of a flow diagram.

    Parameters
    ----------
    flow : as for `prisma`

    Returns
    -------
    str
        A paragraph: every box in its order, with its count and its parts.

    Raises
    ------
    ValueError
        As `prisma`.

    Examples
    --------
    >>> flow = pd.DataFrame([("databases", "identified", "", 90, "records"), ("databases", "identified", "PubMed", 90,
    ...     "records")], columns=["lane", "box", "item", "n", "unit"])
    >>> prisma_alt(flow)
    'Flow of the review. Databases and registers: Records identified (n = 90): PubMed (n = 90).'
    """
    require_columns(flow, COLUMNS, "flow")
    searched = flow["lane"].isin(list(LANES)).any()
    parts = ["Flow of the review."] if searched else ["Flow of the review.", UNSEARCHED]
    for lane in ("databases", "other", "previous", "review", "sheets"):
        own = flow[flow["lane"] == lane]
        said = [
            _spoken(head + (f": {'; '.join(items)}" if items else ""))
            for box, rows in own.groupby("box", sort=False)
            for head, items in sentences(str(box), rows)
        ]
        if said:
            before = f"{LANES[lane]}: " if lane in LANES else ""
            parts.append(f"{before}{'. '.join(said)}.")
    return " ".join(part for part in (*parts, difference(flow)) if part)


def _spoken(sentence: str) -> str:
    """A sentence with plain spaces."""
    return sentence.replace("\u00a0", " ")


def difference(flow: pd.DataFrame) -> str:
    """A sentence where the record of the screening includes other studies than the sheets hold.

    Examples
    --------
    >>> rows = [("review", "included", "", 108, "studies"), ("sheets", "extracted", "", 110, "studies")]
    >>> difference(pd.DataFrame(rows, columns=["lane", "box", "item", "n", "unit"]))
    'The screening includes 108 studies; the sheets hold results of 110.'
    """
    studies = flow[(flow["unit"] == "studies") & (flow["item"] == "")].groupby("box")["n"].sum()
    included, extracted = studies.get("included"), studies.get("extracted")
    if included is None or extracted is None or included + studies.get("previous", 0) == extracted:
        return ""
    held = f"The screening includes {plural(int(included), 'study', 'studies')}"
    return f"{held}; the sheets hold results of {int(extracted):,}."
