"""The report: one self-contained page, put together from tables, figures, sentences and the data of its explorer."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from metacircuit import __version__
from metacircuit.report.embed import as_json, digest, library, policy, scripts
from metacircuit.report.findings import claims_section
from metacircuit.report.payload import payload
from metacircuit.report.pictures import pictures
from metacircuit.report.sections import section
from metacircuit.tables.account import balance

if TYPE_CHECKING:
    import pandas as pd

    from metacircuit.config import Settings
    from metacircuit.report.beside import Beside
    from metacircuit.report.sources import Sources

# Bytes of a page. Its tables take about as many again as the data of the explorer; what is left is for pictures.
LARGEST_PAGE = 5_800_000


def build_page(settings: Settings, sources: Sources, beside: Beside | None = None) -> str:
    """Write the report of a review.

    Parameters
    ----------
    settings : Settings
        The review's config.
    sources : Sources
        The result tables and figures.
    beside : Beside, optional
        The verdicts as a figure, and published estimates beside ours.

    Returns
    -------
    str
        One HTML page that needs no network and no other file. Text from the data is escaped, and the page's policy
        lets no script run but its own.
    """
    environment = Environment(
        loader=PackageLoader("metacircuit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    own, charts, data = scripts(), library(), as_json(payload(settings, sources) | {"csv": sources.csv})
    taken = beside.size if beside else 0
    room = LARGEST_PAGE - taken - len(charts.compressed) - len(own) - 2 * len(data.encode("utf-8"))
    shown = pictures(sources.drawings, room)
    return environment.get_template("report.html").render(
        settings=settings,
        version=__version__,
        balance=asdict(balance(sources.rows, read=len(sources.rows))),
        fates=_reasons(sources.rows),
        severities={s: int((sources.problems["severity"] == s).sum()) for s in ("error", "warning", "note")},
        problems=sources.problems.fillna("").to_dict("records"),
        claims=claims_section(sources.claims, settings),
        beside=beside,
        flow=shown.get("review", []),
        analyses=[section(settings, sources, name, shown) for name in settings.analyses],
        # None of these three can hold the end of a script element: the first is escaped, the second ours, the third
        # base64.
        data=Markup(data),
        scripts=Markup(own),
        library=Markup(charts.compressed),
        licence=charts.licence,
        policy=policy(digest(own), charts.digest),
    )


def _reasons(rows: pd.DataFrame) -> list[dict[str, object]]:
    """Why rows were left out, the commonest reason first."""
    out = rows[rows["fate"] != "analysed"]
    counted = out.groupby(["fate", "reason"], dropna=False).size().reset_index(name="rows")
    return counted.sort_values(["rows", "fate", "reason"], ascending=[False, True, True]).fillna("").to_dict("records")
