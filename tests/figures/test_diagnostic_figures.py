"""What every diagnostic figure owes its readers: texts apart, inside the page, large enough; the same bytes twice."""

import hashlib
import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib import rc_context
from matplotlib.text import Text
from metacircuit.figures.baujat import baujat
from metacircuit.figures.comparison import comparison
from metacircuit.figures.cumulative import cumulative, cumulative_pages
from metacircuit.figures.funnel import funnel
from metacircuit.figures.gosh import gosh
from metacircuit.figures.leave_one_out import leave_one_out, leave_one_out_pages
from metacircuit.figures.render import render
from metacircuit.figures.specification import specification
from metacircuit.figures.style import MM, SMALLEST_TEXT, Style

LONG_LABELS = (
    "Association for the Study of Non-Suicidal Self-Injury in Adolescents Group 2019a",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "北京师范大学心理学部 2021 非自杀性自伤青少年情绪调节神经机制研究",
    "Ångström-Łukasiewicz, Çelik, Ğökşen & Müller 2020",
    "$p$ of Dollar_under^score 2017",
    "A *starred* name 2001",
)
WORDS = ("A title that is long enough to be broken into two lines " * 2, "A note. " * 40)

LEADING_OVERLAP = 0.35
"""Share of its height by which the box of a line (with room for accents and descenders) may reach into the next."""

EDGE = 0.5
"""Points: the box of a text has a margin of about this size."""


def overlaps(boxes):
    """Pairs of texts whose boxes overlap, the vertical overlap of neighbouring lines aside."""
    names = [name for name, _ in boxes]
    x0, y0, x1, y1 = np.array([box for _, box in boxes]).T
    shrink = LEADING_OVERLAP * np.minimum(y1 - y0, x1 - x0)
    wide = np.minimum(x1[:, None], x1) - np.maximum(x0[:, None], x0)
    high = np.minimum((y1 - shrink)[:, None], y1 - shrink) - np.maximum((y0 + shrink)[:, None], y0 + shrink)
    found = np.argwhere(np.triu((wide > EDGE) & (high > 0), k=1))
    return [(names[a], names[b]) for a, b in found]


def outside(figure, boxes):
    """Texts that the edge of the figure cuts."""
    width, height = 72 * figure.get_size_inches()
    return [name for name, (x0, y0, x1, y1) in boxes if x0 < 0 or y0 < 0 or x1 > width or y1 > height]


def labels(k, long=False):
    return [LONG_LABELS[n % 6] if long else f"Author {chr(65 + n % 26)} {1980 + n % 45}" for n in range(k)]


def effects(k, *, long=False, spread=0.4, centre=0.4):
    random = np.random.default_rng(5)
    vi = np.exp(random.normal(-2.5, 0.9, k))
    yi = centre + spread * random.normal(size=k) + np.sqrt(vi) * random.normal(size=k)
    words = np.resize(["Depressive disorders", "A factor word that is far too long for its panel, honestly"], k)
    table = pd.DataFrame({"study_label": labels(k, long), "yi": yi, "vi": vi, "disorder": words})
    return table.assign(filled=np.arange(k) % 9 == 8)


def estimates(k, *, long=False, centre=0.3, width=0.3):
    random = np.random.default_rng(6)
    middle = centre + 0.1 * width * random.normal(size=k)
    half = width * random.uniform(0.8, 1.2, k)
    table = pd.DataFrame({"label": labels(k, long), "estimate": middle, "ci_lb": middle - half, "ci_ub": middle + half})
    return table.assign(tau2=random.uniform(0, 0.2, k), I2=random.uniform(0, 100, k), k=range(1, k + 1))


def methods(k, *, long=False, **shape):
    table = estimates(k, long=long, **shape)
    table["method"] = ["uncorrected", *(f"method{n}" for n in range(1, k))]
    table["status"] = ["ok", *("ok" if n % 3 else "not_estimable" for n in range(1, k))]
    table["reason"] = np.where(
        table["status"] == "ok", "", "No effect is significant, so there is nothing to fit. " * 3
    )
    table.loc[table.index % 6 == 3, ["estimate", "ci_lb", "ci_ub"]] = np.nan
    return table


def subsets(k, seed=7):
    random = np.random.default_rng(seed)
    table = pd.DataFrame({"k": random.integers(1, 20, k), "estimate": random.normal(0.4, 0.2, k)})
    return table.assign(I2=random.uniform(0, 100, k), without=random.random(k) < 0.5)


def specifications(levels, *, wild=1.0, long=False):
    names = [("A choice with a name that is far too long for its column, honestly " * 2) if long else f"choice_{n}"
             for n in range(len(levels))]  # fmt: skip
    names = [f"{name} {n}" for n, name in enumerate(names)]
    table = pd.DataFrame(list(itertools.product(*map(range, levels))), columns=names).astype(str)
    random = np.random.default_rng(9)
    estimate = wild * random.normal(0.3, 0.1, len(table))
    half = wild * random.uniform(0.1, 0.4, len(table))
    table = table.assign(estimate=estimate, ci_lb=estimate - half, ci_ub=estimate + half)
    return table.assign(pval=random.random(len(table)) ** 3, main=np.arange(len(table)) == 0)


def contributions(k, *, long=False, wild=1.0):
    random = np.random.default_rng(3)
    table = pd.DataFrame({"study_label": labels(k, long), "x": random.chisquare(1, k), "y": random.chisquare(1, k) / 9})
    table.loc[:0, ["x", "y"]] *= wild
    return table


TEXTS = {"title": WORDS[0], "note": WORDS[1]}
ALL = {"estimate": 0.3, "ci_lb": 0.05, "ci_ub": 0.55, "tau2": 0.1, "I2": 77.7}

CASES = {
    "funnel of none": lambda: funnel(effects(0), measure="SMD", **TEXTS),
    "funnel of one": lambda: funnel(effects(1), measure="OR", estimate=0.4),
    "funnel of three": lambda: funnel(effects(3), measure="SMD", estimate=0.4, tau2=0.2, **TEXTS),
    "funnel of ninety": lambda: funnel(effects(90, long=True), measure="ZCOR", estimate=0.4),
    "funnel of five hundred": lambda: funnel(effects(500), measure="OR", estimate=0.4, tau2=0.1),
    "funnel, huge": lambda: funnel(effects(30, spread=1e4), measure="MD", estimate=0.4),
    "funnel, prevalence": lambda: funnel(effects(30, centre=-2.0), measure="PLO", estimate=-2.0),
    "funnel, panels": lambda: funnel(effects(60), measure="SMD", estimate=0.4, panel="disorder", **TEXTS),
    "funnel, many panels": lambda: funnel(effects(90, long=True), measure="SMD", panel="study_label"),
    "funnel, forty panels": lambda: funnel(effects(40), measure="SMD", panel="study_label"),
    "baujat of none": lambda: baujat(contributions(0), measure="SMD"),
    "baujat of three": lambda: baujat(contributions(3), measure="SMD", **TEXTS),
    "baujat of ninety": lambda: baujat(contributions(90, long=True), measure="SMD"),
    "baujat of five hundred": lambda: baujat(contributions(500), measure="OR"),
    "baujat, huge": lambda: baujat(contributions(90, wild=1e6), measure="OR"),
    "gosh of none": lambda: gosh(subsets(0), measure="SMD"),
    "gosh of seven": lambda: gosh(subsets(7), measure="OR", study=LONG_LABELS[0], **TEXTS),
    "gosh of many": lambda: gosh(subsets(30_000), measure="ZCOR", study="A *starred* name 2001"),
    "gosh, plain": lambda: gosh(subsets(100).drop(columns="without"), measure="SMD"),
    "comparison of one": lambda: comparison(methods(1), measure="SMD"),
    "comparison of ten": lambda: comparison(methods(10), measure="SMD", **TEXTS),
    "comparison, long": lambda: comparison(methods(10, long=True), measure="OR"),
    "comparison, huge": lambda: comparison(methods(10, width=1e3), measure="OR"),
    "comparison, none": lambda: comparison(methods(8).assign(status="too_few", estimate=np.nan), measure="PLO"),
    "specification of one": lambda: specification(specifications([1]), measure="SMD"),
    "specification of three": lambda: specification(specifications([3]), measure="PLO", **TEXTS),
    "specification of many": lambda: specification(specifications([4, 3, 2, 2, 3, 5, 2]), measure="OR", **TEXTS),
    "specification, long": lambda: specification(specifications([2, 3], long=True), measure="ZCOR"),
    "specification, huge": lambda: specification(specifications([4, 3], wild=1e4), measure="MD"),
    "specification of none": lambda: specification(specifications([3]).assign(estimate=np.nan), measure="SMD"),
    "leave one out of three": lambda: leave_one_out(estimates(3), measure="SMD", overall=ALL, **TEXTS),
    "leave one out of ninety": lambda: leave_one_out(estimates(90, long=True), measure="OR", overall=ALL),
    "leave one out, huge": lambda: leave_one_out(estimates(9, width=1e3), measure="OR", overall=ALL),
    "cumulative of none": lambda: cumulative(estimates(0), measure="SMD"),
    "cumulative of three": lambda: cumulative(estimates(3), measure="SMD", **TEXTS),
    "cumulative of ninety": lambda: cumulative(estimates(90, long=True), measure="PLO"),
}


@pytest.mark.parametrize("case", CASES)
def test_texts_stand_apart_and_inside_and_are_legible(case, boxes):
    figure = CASES[case]()
    found = boxes(figure)
    assert overlaps(found) == []
    assert outside(figure, found) == []
    assert min(artist.get_fontsize() for artist in figure.findobj(Text)) >= SMALLEST_TEXT
    assert 72 * figure.get_figwidth() == pytest.approx(180 * MM)


NARROW = Style(width_mm=88)
ONE_COLUMN = {
    "funnel": lambda: funnel(effects(30), measure="SMD", estimate=0.4, style=NARROW),
    "baujat": lambda: baujat(contributions(30), measure="SMD", style=NARROW),
    "gosh": lambda: gosh(subsets(200), measure="SMD", study=LONG_LABELS[0], style=NARROW),
    "comparison": lambda: comparison(methods(6), measure="SMD", style=NARROW),
    "specification": lambda: specification(specifications([3, 2, 2]), measure="SMD", style=NARROW),
}


@pytest.mark.parametrize("case", ONE_COLUMN)
def test_figures_fit_into_one_column_of_a_journal(case, boxes):
    figure = ONE_COLUMN[case]()
    found = boxes(figure)
    assert overlaps(found) == []
    assert outside(figure, found) == []


@pytest.mark.parametrize("draw", [leave_one_out_pages, cumulative_pages])
def test_pages_are_no_higher_than_allowed_and_all_have_the_headings(draw, boxes):
    pages = draw(estimates(130, long=True), measure="SMD", **TEXTS)
    assert len(pages) > 2
    for page in pages:
        found = boxes(page)
        assert overlaps(found) == []
        assert outside(page, found) == []
        assert 72 * page.get_figheight() <= 240 * MM
        assert "SMD [95% CI]" in [name for name, _ in found]


ONE_OF_EACH = (
    "funnel of three",
    "baujat of three",
    "gosh of many",
    "comparison of ten",
    "specification of three",
    "leave one out of three",
    "cumulative of three",
)


@pytest.mark.parametrize("form", ["pdf", "svg", "png"])
@pytest.mark.parametrize("case", ONE_OF_EACH)
def test_the_same_figure_has_the_same_bytes_whatever_the_users_settings(case, form):
    plain = render(CASES[case](), form, dpi=100)
    with rc_context({"font.size": 30, "axes.linewidth": 9, "scatter.marker": "x", "lines.marker": "o"}):
        again = render(CASES[case](), form, dpi=100)
    assert hashlib.sha256(plain).digest() == hashlib.sha256(again).digest()


MOST_BYTES = 1_500_000
"""A figure of the largest tables must still open in a browser and fit into an e-mail."""


@pytest.mark.parametrize("case", ["funnel of five hundred", "gosh of many", "specification of many"])
def test_large_tables_make_files_of_a_reasonable_size(case):
    assert len(render(CASES[case](), "svg")) < MOST_BYTES


TABLES = [
    (funnel, effects(3), "vi"),
    (baujat, contributions(3), "y"),
    (gosh, subsets(3), "I2"),
    (comparison, methods(3), "status"),
    (specification, specifications([3]), "pval"),
    (leave_one_out, estimates(3), "ci_lb"),
    (cumulative, estimates(3), "k"),
]


@pytest.mark.parametrize(("draw", "table", "column"), TABLES)
def test_a_table_without_a_column_and_an_unknown_measure_are_refused(draw, table, column):
    with pytest.raises(ValueError, match=f"lacks '{column}'"):
        draw(table.drop(columns=column), measure="SMD")
    with pytest.raises(ValueError, match="did you mean 'SMD'"):
        draw(table, measure="SMDX")
