"""The Metapsy data standard: one row a comparison of two arms of a trial at one time on one instrument."""

from __future__ import annotations

from metacircuit.sheets.readers.extract import Extract, Files
from metacircuit.sheets.readers.tables import extract_table

_ARMS = {
    f"{ours}{side}": tuple(f"{theirs}_arm{side}" for theirs in names)
    for side in "12"
    for ours, names in (
        ("n", ("n",)),
        ("mean", ("mean", "mean_change")),
        ("sd", ("sd", "sd_change")),
        ("events", ("event", ".event")),
        ("total", ("totaln", ".totaln")),
    )
}
#: Ours, and the names of the standard: what authors printed, then what metapsyTools computed (with a point before).
DEFAULTS: dict[str, tuple[str, ...]] = {
    "study_id": ("study",),
    **_ARMS,
    "g": (".g", "precalc_g"),
    "g_se": (".g_se", "precalc_g_se"),
    "log_rr": (".log_rr", "precalc_log_rr"),
    "log_rr_se": (".log_rr_se", "precalc_log_rr_se"),
    "outcome": ("outcome_type",),
    "task_or_scale": ("instrument",),
    "timepoint": ("time",),
    "disorder": ("disorder",),
    "year": ("year",),
    "doi": ("doi",),
    "country": ("country",),
    "title": ("title",),
}


def read(files: Files) -> Extract:
    """Read a Metapsy database as CSV (any delimiter, any decimal mark) or workbook."""
    return extract_table(files, DEFAULTS)
