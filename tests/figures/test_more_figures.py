"""What every figure owes its readers, at the extremes: texts apart, inside, large enough; the same bytes twice."""

import hashlib

import numpy as np
import pandas as pd
import pytest
from matplotlib import rc_context
from matplotlib.text import Text
from metacircuit.figures.bubble import bubble
from metacircuit.figures.caterpillar import caterpillar
from metacircuit.figures.drapery import drapery
from metacircuit.figures.labbe import labbe
from metacircuit.figures.matrix import matrix, matrix_pages
from metacircuit.figures.orchard import orchard, orchard_pages
from metacircuit.figures.posterior import posterior
from metacircuit.figures.prisma import prisma
from metacircuit.figures.profile import profile
from metacircuit.figures.radial import radial
from metacircuit.figures.render import render
from metacircuit.figures.risk_of_bias import traffic_light
from metacircuit.figures.risk_summary import risk_summary
from metacircuit.figures.style import MM, SMALLEST_TEXT, Style

NAMES = (
    "Association for the Study of Non-Suicidal Self-Injury in Adolescents Group 2019a",
    "北京师范大学心理学部 2021 非自杀性自伤青少年情绪调节神经机制研究",
    "Παπαδόπουλος, Γεωργίου & Αναγνωστοπούλου-Χατζηδάκη 2018",
    "Ångström-Łukasiewicz, Çelik, Ğökşen & Müller 2020",
    "$p$ of Dollar_under^score 2017",
    "A *starred* name 2001",
)
TEXTS = {"title": "A title that is long enough to be broken into two lines " * 2, "note": "A note. " * 30}

LEADING_OVERLAP = 0.35
"""Share of its height by which the box of a line (with room for accents and descenders) may reach into the next."""

EDGE = 0.5
"""Points: the box of a text has a margin of about this size."""


def effects(k, *, spread=0.4, centre=0.4, strata=3, equal=False):
    random = np.random.default_rng(5)
    vi = np.exp(random.normal(-2.5, 0.9, k))
    yi = np.full(k, centre) if equal else centre + spread * random.normal(size=k) + np.sqrt(vi) * random.normal(size=k)
    table = pd.DataFrame({"study_label": [NAMES[n % 6] for n in range(k)], "yi": yi, "vi": vi})
    return table.assign(
        study_id=[f"s{n // 2}" for n in range(k)],
        stratum=[f"stratum{n % strata}" for n in range(k)],
        x=random.uniform(1990, 2024, k).round(),
        weight=1 / (vi + 0.1),
    )


def estimates(strata=3, *, measure="SMD", centre=0.4, half=0.3, few=()):
    rows = [{"grouping": "overall", "stratum": "overall", "label": "All studies"}]
    rows += [{"grouping": "disorder", "stratum": f"stratum{n}", "label": NAMES[n % 6]} for n in range(strata)]
    table = pd.DataFrame(rows).assign(measure=measure, status="ok", reason="", studies=4, estimate=centre, se=half / 2)
    table = table.assign(ci_lb=centre - half, ci_ub=centre + half, pi_lb=centre - 3 * half, pi_ub=centre + 3 * half)
    for n in few:
        said = ["too_few", "2 studies; at least 3 are pooled"]
        table.loc[n + 1, ["status", "reason"]] = said
        table.loc[n + 1, ["estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub"]] = np.nan
    return table


ALL = estimates(0).iloc[0].to_dict()
WILD = ALL | {"estimate": 4.0, "ci_lb": -90.0, "ci_ub": 98.0, "pi_lb": -900.0, "pi_ub": 900.0, "se": 45.0}


def crossed(rows, columns, *, half=0.4, measure="SMD"):
    random = np.random.default_rng(2)
    cells = [(f"d{r}:c{c}", f"{NAMES[r % 6]} × Circuit {c} of pain") for r in range(rows) for c in range(columns)]
    table = pd.DataFrame(cells, columns=["stratum", "label"]).assign(grouping="disorder:circuit", measure=measure)
    middle = random.normal(0.3, half, len(table))
    status = np.where(np.arange(len(table)) % 4 == 3, "too_few", "ok")
    table = table.assign(status=status, studies=1 + np.arange(len(table)) % 120, estimate=middle)
    wide = half * np.exp(random.normal(0, 1, len(table)))
    return table.assign(ci_lb=middle - wide, ci_ub=middle + wide)[np.arange(len(table)) % 5 != 4]


def margins(rows, columns):
    ids = [("overall", "overall"), *(("disorder", f"d{n}") for n in range(rows))]
    ids += [("circuit", f"c{n}") for n in range(columns)]
    table = pd.DataFrame(ids, columns=["grouping", "stratum"]).assign(
        label="All", measure="SMD", status="ok", studies=9
    )
    return table.assign(estimate=0.2, ci_lb=-0.1, ci_ub=0.5)


def line(low=1990.0, high=2024.0, scale=1.0):
    x = np.linspace(low, high, 21)
    middle = scale * (0.2 + 0.01 * (x - low))
    bands = {"ci_lb": middle - scale * 0.2, "ci_ub": middle + scale * 0.2}
    return pd.DataFrame({"x": x, "pred": middle, **bands, "pi_lb": middle - scale, "pi_ub": middle + scale})


def counts(k):
    random = np.random.default_rng(4)
    totals = random.integers(8, 400, (2, k))
    table = pd.DataFrame({"study_label": [NAMES[n % 6] for n in range(k)], "total1": totals[0], "total2": totals[1]})
    return table.assign(events1=random.binomial(totals[0], 0.3), events2=random.binomial(totals[1], 0.5))


def profiles(names):
    x = np.linspace(0.0, 1.0, 21)
    parts = [pd.DataFrame({"component": n, "value": x, "ll": -8 * (x - 0.3) ** 2 - 40}) for n in names]
    return pd.concat(parts).assign(estimate=0.3, ci_lb=0.0, ci_ub=0.8)


def densities():
    x = np.linspace(-1.0, 2.0, 121)
    parts = [pd.DataFrame({"parameter": name, "value": x + 1 * (name == "tau")}) for name in ("mu", "theta_new", "tau")]
    table = pd.concat(parts).assign(median=0.5, ci_lb=0.0, ci_ub=1.0)
    return table.assign(density=np.exp(-3 * (table["value"] - 0.5) ** 2), prior=0.3)


def flow(lanes=("databases", "other"), long=False):
    reason = "no numbers from which an effect can be computed, and no answer from the authors " * (3 if long else 1)
    rows = []
    for lane in lanes:
        rows += [(lane, "identified", "", 103_226, "records"), (lane, "identified", NAMES[1], 103_226, "records")]
        rows += [(lane, "removed", "", 900, "records"), (lane, "removed", "duplicates", 900, "records")]
        rows += [(lane, "screened", "", 102_326, "records"), (lane, "screened_out", "", 102_000, "records")]
        rows += [(lane, "assessed", "", 326, "reports"), (lane, "excluded", "", 200, "reports")]
        rows += [(lane, "excluded", reason, 120, "reports"), (lane, "excluded", NAMES[0], 80, "reports")]
    rows += [("review", "included", "", 110, "studies"), ("review", "included", "", 126, "reports")]
    rows += [("previous", "previous", "", 12, "studies")] if long else []
    rows += [("sheets", "extracted", "", 110, "studies"), ("sheets", "extracted", "", 481, "results")]
    rows += [("sheets", "not_analysed", "", 30, "results"), ("sheets", "not_analysed", reason, 30, "results")]
    for item in ("", NAMES[0], NAMES[2]):
        rows += [("sheets", "analysed", item, 90, "studies"), ("sheets", "analysed", item, 451, "results")]
    return pd.DataFrame(rows, columns=["lane", "box", "item", "n", "unit"])


def judged(k, domains=6):
    words = np.resize(["low", "some concerns", "high", "no information", "critical", "low", "low"], k * domains)
    cells = [
        (NAMES[n % 6] + f" {n}", f"Domain {d}: measurement of the outcome") for n in range(k) for d in range(domains)
    ]
    return pd.DataFrame(cells, columns=["study_id", "domain"]).assign(judgement=words)


CASES = {
    "orchard of one": lambda s: orchard(effects(1, strata=1), estimates(1, few=(0,)), style=s),
    "orchard of three": lambda s: orchard(
        effects(3), estimates(3, few=(1,)), style=s, favours=("less", "more"), **TEXTS
    ),
    "orchard of ninety": lambda s: orchard(effects(90, strata=6), estimates(6, measure="OR"), style=s),
    "orchard of five hundred": lambda s: orchard(effects(500, strata=4), estimates(4), style=s),
    "orchard, equal": lambda s: orchard(effects(60, equal=True), estimates(3, half=0.0), style=s),
    "orchard, huge": lambda s: orchard(effects(30, spread=1e4), estimates(3, half=1e5, measure="MD"), style=s),
    "orchard, tiny": lambda s: orchard(effects(30, spread=1e-5, centre=1e-5), estimates(3, half=1e-5), style=s),
    "orchard of none": lambda s: orchard(effects(0), estimates(3), style=s),
    "caterpillar of none": lambda s: caterpillar(effects(0), measure="SMD", style=s, overall=ALL),
    "caterpillar of one": lambda s: caterpillar(effects(1), measure="OR", style=s),
    "caterpillar of three": lambda s: caterpillar(effects(3), measure="SMD", overall=ALL, style=s, **TEXTS),
    "caterpillar of forty": lambda s: caterpillar(effects(40), measure="ZCOR", overall=ALL, style=s),
    "caterpillar of ninety": lambda s: caterpillar(effects(90), measure="OR", overall=ALL, style=s),
    "caterpillar of five hundred": lambda s: caterpillar(effects(500), measure="PLO", overall=ALL, style=s),
    "caterpillar, equal": lambda s: caterpillar(effects(9, equal=True), measure="SMD", overall=ALL, style=s),
    "caterpillar, huge": lambda s: caterpillar(effects(20, spread=1e4), measure="MD", overall=WILD, style=s),
    "drapery of none": lambda s: drapery(effects(0), measure="SMD", style=s),
    "drapery of one": lambda s: drapery(effects(1), measure="SMD", style=s, **TEXTS),
    "drapery of three": lambda s: drapery(effects(3), measure="OR", overall=ALL, style=s),
    "drapery of five hundred": lambda s: drapery(effects(500), measure="PLO", overall=ALL, style=s),
    "drapery, equal": lambda s: drapery(effects(9, equal=True), measure="SMD", overall=ALL, style=s),
    "drapery, huge": lambda s: drapery(effects(20, spread=1e4), measure="MD", overall=WILD, style=s),
    "radial of none": lambda s: radial(effects(0), measure="SMD", style=s),
    "radial of one": lambda s: radial(effects(1), measure="OR", estimate=0.4, style=s, **TEXTS),
    "radial of three": lambda s: radial(effects(3), measure="SMD", estimate=0.4, tau2=0.2, style=s),
    "radial of ninety": lambda s: radial(effects(90), measure="ZCOR", estimate=0.4, style=s),
    "radial of five hundred": lambda s: radial(effects(500), measure="PLO", estimate=-1.0, tau2=0.4, style=s),
    "radial, equal": lambda s: radial(effects(9, equal=True), measure="SMD", estimate=0.4, style=s),
    "radial, huge": lambda s: radial(effects(20, spread=1e4), measure="MD", estimate=0.4, style=s),
    "labbe of none": lambda s: labbe(counts(0), measure="OR", style=s),
    "labbe of one": lambda s: labbe(counts(1), measure="RR", estimate=-0.4, style=s, **TEXTS),
    "labbe of ninety": lambda s: labbe(counts(90), measure="OR", estimate=-0.8, style=s),
    "labbe of five hundred": lambda s: labbe(counts(500), measure="RD", estimate=-0.2, style=s),
    "bubble of none": lambda s: bubble(effects(0), None, measure="SMD", style=s),
    "bubble of one": lambda s: bubble(effects(1), None, measure="OR", moderator="Year", style=s, **TEXTS),
    "bubble of ninety": lambda s: bubble(effects(90), line(), measure="SMD", moderator="Year", style=s),
    "bubble of five hundred": lambda s: bubble(effects(500), line(), measure="OR", moderator=NAMES[0], style=s),
    "bubble, equal": lambda s: bubble(effects(9, equal=True).assign(x=3.0), None, measure="SMD", style=s),
    "bubble, huge": lambda s: bubble(effects(30, spread=1e4), line(scale=1e4), measure="MD", style=s),
    "matrix of one": lambda s: matrix(crossed(1, 1), style=s),
    "matrix of three by four": lambda s: matrix(crossed(3, 4), margins=margins(3, 4), style=s, **TEXTS),
    "matrix of eight by seven": lambda s: matrix(crossed(8, 7), margins=margins(8, 7), style=s),
    "matrix, huge": lambda s: matrix(crossed(4, 5, half=1e4, measure="MD"), style=s),
    "matrix, ratios": lambda s: matrix(crossed(4, 5, measure="OR"), style=s),
    "profile of none": lambda s: profile(profiles(["x"]).iloc[:0], style=s),
    "profile of one": lambda s: profile(profiles(["sigma2 [study]"]), style=s, **TEXTS),
    "profile of seven": lambda s: profile(profiles(NAMES), style=s),
    "posterior": lambda s: posterior(densities(), measure="ZCOR", style=s, **TEXTS),
    "posterior of proportions": lambda s: posterior(densities(), measure="PLO", style=s),
    "prisma": lambda s: prisma(flow(), style=s, **TEXTS),
    "prisma, long": lambda s: prisma(flow(long=True), style=s),
    "prisma, one lane": lambda s: prisma(flow(("databases",)), style=s),
    "prisma, other methods alone": lambda s: prisma(flow(("other",)), style=s),
    "prisma from the sheets": lambda s: prisma(flow(()), style=s),
    "traffic light of one": lambda s: traffic_light(judged(1), style=s, **TEXTS)[0],
    "traffic light of ninety": lambda s: traffic_light(judged(90, 7), style=s)[1],
    "risk summary": lambda s: risk_summary(judged(12), style=s, **TEXTS),
}


def overlaps(boxes):
    """Pairs of texts whose boxes overlap, the vertical overlap of neighbouring lines aside."""
    if not boxes:
        return []
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
    return [name for name, (x0, y0, x1, y1) in boxes if x0 < -EDGE or y0 < -EDGE or x1 > width + EDGE or y1 > height]


# The narrow page is where texts meet; the wide one shows it for one figure of each kind.
SEEN = [
    *((case, 85) for case in CASES),
    *((case, 180) for case in CASES if case.endswith(("three", "four", "light", "prisma"))),
]


@pytest.mark.parametrize(("case", "width"), SEEN)
def test_texts_stand_apart_and_inside_and_are_legible(case, width, boxes):
    figure = CASES[case](Style(width_mm=width))
    found = boxes(figure)
    assert overlaps(found) == []
    assert outside(figure, found) == []
    assert min(artist.get_fontsize() for artist in figure.findobj(Text) if artist.get_text()) >= SMALLEST_TEXT
    assert 72 * figure.get_figwidth() == pytest.approx(width * MM)


@pytest.mark.parametrize(
    "draw",
    [
        lambda s: orchard_pages(effects(60, strata=12), estimates(12), style=s),
        lambda s: matrix_pages(crossed(20, 3), margins=margins(20, 3), style=s),
        lambda s: traffic_light(judged(40), style=s),
    ],
    ids=["orchard", "matrix", "traffic light"],
)
def test_pages_are_no_higher_than_allowed(draw, boxes):
    style = Style(page_height_mm=110)
    pages = draw(style)
    assert len(pages) > 1
    for page in pages:
        assert 72 * page.get_figheight() <= style.page_height
        found = boxes(page)
        assert overlaps(found) == []
        assert outside(page, found) == []


ONE_OF_EACH = ("orchard of three", "radial of one", "matrix of one", "prisma, one lane")


@pytest.mark.parametrize("case", ONE_OF_EACH)
def test_the_same_figure_has_the_same_bytes_whatever_the_users_settings(case):
    plain = render(CASES[case](Style()), "svg")
    with rc_context({"font.size": 30, "axes.linewidth": 9, "scatter.marker": "x", "lines.marker": "o"}):
        again = render(CASES[case](Style()), "svg")
    assert hashlib.sha256(plain).digest() == hashlib.sha256(again).digest()


MOST_BYTES = 1_500_000
"""A figure of the largest tables must still open in a browser and fit into an e-mail."""


@pytest.mark.parametrize("case", ["orchard of five hundred", "caterpillar of five hundred", "drapery of five hundred"])
def test_large_tables_make_files_of_a_reasonable_size(case):
    assert len(render(CASES[case](Style()), "svg")) < MOST_BYTES
