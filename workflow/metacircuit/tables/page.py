"""The summary table in the parts that the report shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.tables.summary import written

if TYPE_CHECKING:
    import pandas as pd


def blocks(estimates: pd.DataFrame) -> list[dict[str, object]]:
    """Split the estimates of an analysis by grouping, each with its lines as text."""
    return [
        {"grouping": grouping, "lines": written(part).to_dict("records")}
        for grouping, part in estimates.groupby("grouping", sort=False)
    ]
