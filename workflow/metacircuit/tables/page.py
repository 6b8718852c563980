"""The summary table as a page of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from metacircuit.tables.summary import headings, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def summary_page(title: str, analyses: Mapping[str, str], estimates: Mapping[str, pd.DataFrame]) -> str:
    """Write the summary table as HTML that opens in a browser and pastes into a document.

    Parameters
    ----------
    title : str
        Title of the review.
    analyses : mapping of str to str
        Title of each analysis, by its name.
    estimates : mapping of str to DataFrame
        estimates/ANALYSIS.csv of each analysis.

    Returns
    -------
    str
        A complete page; text from the data is escaped.
    """
    environment = Environment(
        loader=PackageLoader("metacircuit.tables"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    parts = [
        {"title": analyses[name], "headings": headings(frame), "blocks": blocks(frame)}
        for name, frame in estimates.items()
    ]
    return environment.get_template("summary.html").render(title=title, parts=parts)


def blocks(estimates: pd.DataFrame) -> list[dict[str, object]]:
    """Split the estimates of an analysis by grouping, each with its lines as text."""
    return [
        {"grouping": grouping, "lines": written(part).to_dict("records")}
        for grouping, part in estimates.groupby("grouping", sort=False)
    ]
