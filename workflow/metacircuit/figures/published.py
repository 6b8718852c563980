"""Published pooled estimates beside ours: each of our strata, and below it what others have found."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from metacircuit.figures.forest_table import Kind, Line
from metacircuit.figures.listing import Listing, listing
from metacircuit.figures.result import Interval, Row, Writer, require_columns, text, value, without_full_stop
from metacircuit.figures.scales import Scale, scale_for
from metacircuit.figures.style import DEFAULT, Style
from metacircuit.wording import number, p_number, plural

COLUMNS = (
    *("analysis", "grouping", "stratum", "label", "measure", "citation", "note", "published", "published_lb"),
    *("published_ub", "estimate", "ci_lb", "ci_ub", "studies", "z", "pval", "overlap", "status", "reason"),
)
NOTE = (
    "Diamonds: ours; squares: published. z: ours less theirs, in standard errors of the difference; its p has the"
    " degrees of freedom of our standard error. Overlap: the common part of the intervals as a share of the shorter"
    " one. Both may rest on the same studies, so agreement is no independent confirmation."
)


def published_figure(published: pd.DataFrame, *, title: str = "", style: Style = DEFAULT) -> Figure:
    """The comparisons of one analysis on one sheet.

    Parameters
    ----------
    published : rows of results/REVIEW/published.csv that name one analysis
    title : set above the columns
    style : sizes and colours

    Returns
    -------
    matplotlib.figure.Figure
        One Axes: x is the analysis scale, y the distance from the top of the page in points.

    Raises
    ------
    ValueError
        For a table without these columns, or with more than one measure.
    """
    return _listing(published, title, style).figure()


def published_pages(published: pd.DataFrame, *, title: str = "", style: Style = DEFAULT) -> list[Figure]:
    """The same on pages no higher than the style allows."""
    return _listing(published, title, style).pages()


def published_alt(published: pd.DataFrame) -> str:
    """Alternative text of a comparison with published estimates.

    Examples
    --------
    >>> published_alt(pd.DataFrame({"analysis": ["a"], "grouping": ["overall"], "stratum": ["overall"], "label": ["X"],
    ...     "measure": ["SMD"], "citation": ["Fox 2015"], "note": [""], "published": [0.3], "published_lb": [0.2],
    ...     "published_ub": [0.4], "estimate": [0.5], "ci_lb": [0.4], "ci_ub": [0.6], "studies": [9.0], "z": [2.8],
    ...     "pval": [0.006], "overlap": [0.0], "status": ["ok"], "reason": [""], "level": [95.0]}))
    'Our standardised mean differences beside published ones. X: 0.50 (95% CI 0.40 to 0.60). Fox 2015: 0.30 (95% CI \
0.20 to 0.40), z = 2.80.'
    """
    scale = _scale(published)
    writer = _writer(published, scale)
    sentences = [f"Our {scale.noun} beside published ones."]
    for rows in _by_stratum(published):
        ours = _ours(rows[0])
        said = writer.sentence(ours, _level(published)) if ours.drawable else "not pooled"
        sentences.append(f"{_label(rows[0])}: {said}.")
        for row in rows:
            theirs = _theirs(row)
            shown = writer.sentence(theirs, 95.0) if theirs.drawable else f"not compared: {_reason(row)}"
            z = "" if text(row, "status") != "ok" else f", z = {number(value(row, 'z'), 2)}"
            sentences.append(f"{_named(row)}: {shown}{z}.")
    return " ".join(sentences)


def _listing(published: pd.DataFrame, title: str, style: Style) -> Listing:
    require_columns(published, COLUMNS, "published")
    scale = _scale(published)
    writer, lines = _writer(published, scale), []
    for rows in _by_stratum(published):
        lines += _stratum(rows, writer)
    level, headings = _level(published), ("Overlap", "z", "p")
    return listing(
        lines,
        scale,
        first="Estimate",
        headings=headings,
        reference=None,
        title=title,
        notes=[NOTE],
        level=level,
        style=style,
    )


def _stratum(rows: Sequence[Row], writer: Writer) -> list[Line]:
    """Ours, and what is compared with it."""
    label, ours = _label(rows[0]), _ours(rows[0])
    if ours.drawable:
        studies = plural(value(rows[0], "studies"), "study", "studies")
        head = Line(Kind.POOLED, f"{label}: ours, {studies}", label, {}, ours, writer.parts(ours), keep=True)
    else:
        head = Line(Kind.REMARK, f"{label}: ours is {_reason(rows[0])}", label, keep=True)
    lines = [head]
    for n, row in enumerate(rows):
        theirs, last = _theirs(row), n == len(rows) - 1
        compared = text(row, "status") == "ok"
        cells = {"Overlap": _share(row), "z": number(value(row, "z"), 2), "p": p_number(value(row, "pval"))}
        shown = cells if compared else {"status": "other"}
        written = writer.parts(theirs) if theirs.drawable else None
        lines.append(Line(Kind.STUDY, _named(row), label, shown, theirs, written, keep=not last))
        if not theirs.drawable:
            lines.append(Line(Kind.REMARK, f"Not compared: {_reason(row)}", label))
    return lines


def _by_stratum(published: pd.DataFrame) -> list[list[Row]]:
    """Rows with the same estimate of ours, in the order in which these first occur."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in published.to_dict("records"):
        groups.setdefault((text(row, "grouping"), text(row, "stratum")), []).append(row)
    # A row that could not be converted does not know ours.
    return [sorted(rows, key=lambda row: not _ours(row).drawable) for rows in groups.values()]


def _scale(published: pd.DataFrame) -> Scale:
    measures = sorted(set(published["measure"]))
    if len(measures) != 1:
        raise ValueError(f"a comparison is on one measure; the table published has {', '.join(measures) or 'none'}")
    return scale_for(measures[0])


def _writer(published: pd.DataFrame, scale: Scale) -> Writer:
    return Writer.suiting(scale, [i for row in published.to_dict("records") for i in (_ours(row), _theirs(row))])


def _ours(row: Row) -> Interval:
    return Interval(value(row, "estimate"), value(row, "ci_lb"), value(row, "ci_ub"))


def _theirs(row: Row) -> Interval:
    return Interval(value(row, "published"), value(row, "published_lb"), value(row, "published_ub"))


def _named(row: Row) -> str:
    note = text(row, "note")
    return f"{text(row, 'citation')}{f' ({note})' if note else ''}"


def _label(row: Row) -> str:
    return text(row, "label") or text(row, "stratum").replace("_", " ")


def _reason(row: Row) -> str:
    return without_full_stop(text(row, "reason"))


def _share(row: Row) -> str:
    share = value(row, "overlap")
    return f"{number(100 * share, 0)}%"


def _level(published: pd.DataFrame) -> float:
    known = [value(row, "level") for row in published.to_dict("records") if value(row, "level") > 0]
    return known[0] if known else 95.0
