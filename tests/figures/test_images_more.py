"""Pictures of the further figures compared with pictures that someone has looked at: see test_images.py."""

from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from metacircuit.figures.bubble import bubble
from metacircuit.figures.caterpillar import caterpillar
from metacircuit.figures.drapery import drapery
from metacircuit.figures.funnel import funnel
from metacircuit.figures.labbe import labbe
from metacircuit.figures.matrix import matrix
from metacircuit.figures.orchard import orchard
from metacircuit.figures.posterior import posterior
from metacircuit.figures.prisma import prisma
from metacircuit.figures.profile import profile
from metacircuit.figures.radial import radial
from metacircuit.figures.render import render
from metacircuit.figures.risk_of_bias import traffic_light
from metacircuit.figures.risk_summary import risk_summary
from metacircuit.figures.style import Style
from PIL import Image

TOLERANCE = 0.5
"""Root mean square of the difference of pixels, 0 to 255: as in test_images.py."""

NAMES = ("Plener 2012", "北京师范大学 2021", "Παπαδόπουλος 2018", "Müller & Çelik 2020")
NARROW = Style(width_mm=120)

compared = pytest.mark.mpl_image_compare(baseline_dir="baseline", tolerance=TOLERANCE, style="default")


class Rendered:
    """A figure as the package writes it."""

    def __init__(self, figure):
        self.figure = figure

    def savefig(self, path, **_):
        Image.open(BytesIO(render(self.figure, "png", dpi=60))).convert("RGB").save(path, format="png", optimize=True)


def effects(k=24):
    random = np.random.default_rng(12)
    vi = np.exp(random.normal(-2.5, 0.7, k))
    yi = 0.4 + 0.4 * random.normal(size=k)
    table = pd.DataFrame({"study_label": [NAMES[n % 4] for n in range(k)], "yi": yi, "vi": vi})
    strata = ["dep", "bpd", "ptsd"]
    return table.assign(stratum=[strata[min(n // 10, 2)] for n in range(k)], x=[2000.0 + n for n in range(k)])


def estimates():
    rows = [("overall", "overall", "All", "ok", 0.4), ("disorder", "dep", "Depression", "ok", 0.5)]
    rows += [
        ("disorder", "bpd", "Borderline personality disorder", "ok", 0.2),
        ("disorder", "ptsd", "PTSD", "too_few", np.nan),
    ]
    table = pd.DataFrame(rows, columns=["grouping", "stratum", "label", "status", "estimate"])
    table = table.assign(reason=["", "", "", "2 studies"], studies=5, se=0.1, df=8.0)
    return table.assign(
        **{n: table["estimate"] + d for n, d in (("ci_lb", -0.2), ("ci_ub", 0.2), ("pi_lb", -0.7), ("pi_ub", 0.7))}
    )


OVERALL = estimates().iloc[0].to_dict()


@compared
def test_orchard():
    return Rendered(orchard(effects(), estimates(), measure="SMD", favours=("less", "more")))


@compared
def test_orchard_narrow():
    return Rendered(orchard(effects(), estimates(), measure="SMD", style=Style(width_mm=85)))


@compared
def test_caterpillar():
    return Rendered(caterpillar(effects(), measure="OR", overall=OVERALL, style=NARROW))


@compared
def test_drapery():
    return Rendered(drapery(effects(8), measure="SMD", overall=OVERALL, style=NARROW))


@compared
def test_radial():
    return Rendered(radial(effects(), measure="SMD", estimate=0.4, style=NARROW))


@compared
def test_bubble():
    x = np.linspace(2000, 2023, 13)
    line = pd.DataFrame({"x": x, "pred": 0.02 * (x - 2000)})
    line = line.assign(
        ci_lb=line["pred"] - 0.2, ci_ub=line["pred"] + 0.2, pi_lb=line["pred"] - 0.9, pi_ub=line["pred"] + 0.9
    )
    return Rendered(bubble(effects(), line, measure="SMD", moderator="Year", style=NARROW))


@compared
def test_labbe():
    table = pd.DataFrame({"study_label": NAMES, "events1": [5, 9, 12, 30], "total1": [20, 40, 30, 90]})
    table = table.assign(events2=[9, 14, 13, 50], total2=[22, 38, 31, 88])
    return Rendered(labbe(table, measure="OR", estimate=-0.6, groups=("Treated", "Control"), style=NARROW))


@compared
def test_matrix():
    strata = {"bpd:pain": (4, 0.8), "bpd:reward": (2, np.nan), "dep:pain": (5, 0.1), "dep:impulse": (3, -0.5)}
    cells = pd.DataFrame(
        {
            "grouping": "disorder:circuit",
            "stratum": list(strata),
            "label": [name.replace(":", " × ") for name in strata],
            "status": ["ok", "too_few", "ok", "ok"],
            "studies": [k for k, _ in strata.values()],
            "estimate": [estimate for _, estimate in strata.values()],
        }
    )
    cells = cells.assign(ci_lb=cells["estimate"] - [0.3, 0, 0.2, 4], ci_ub=cells["estimate"] + [0.3, 0, 0.2, 4])
    ids = [("overall", "overall"), ("disorder", "bpd"), ("disorder", "dep"), ("circuit", "pain")]
    around = pd.DataFrame(ids, columns=["grouping", "stratum"]).assign(status="ok", studies=9, label="")
    around = around.assign(estimate=0.2, ci_lb=0.0, ci_ub=0.4)
    return Rendered(matrix(cells, margins=around, measure="SMD", style=NARROW))


@compared
def test_profile():
    x = np.linspace(0.0, 1.0, 41)
    parts = [
        pd.DataFrame({"component": n, "value": x, "ll": -s * (np.sqrt(x) - 0.6) ** 2})
        for n, s in (("sigma2", 30), ("rho", 9))
    ]
    return Rendered(profile(pd.concat(parts).assign(estimate=0.36, ci_lb=0.1, ci_ub=0.8), style=NARROW))


@compared
def test_posterior():
    x = np.linspace(0.0, 2.0, 81)
    parts = [pd.DataFrame({"parameter": name, "value": x}) for name in ("mu", "tau")]
    table = pd.concat(parts).assign(median=0.6, ci_lb=0.2, ci_ub=1.1)
    return Rendered(
        posterior(table.assign(density=2 * np.exp(-6 * (table["value"] - 0.6) ** 2), prior=0.3), measure="SMD")
    )


@compared
def test_funnels_completed_by_trim_and_fill():
    table = effects().assign(filled=[n % 8 == 7 for n in range(24)])
    middles = {"dep": 0.4, "bpd": 0.3}
    return Rendered(funnel(table, measure="SMD", panel="stratum", estimate=middles, style=NARROW))


FLOW = [
    *[("databases", "identified", item, n, "records") for item, n in (("", 90), ("PubMed", 60), ("Scopus", 30))],
    *[("databases", "removed", item, 20, "records") for item in ("", "duplicates")],
    *[("databases", "screened", "", 70, "records"), ("databases", "screened_out", "", 40, "records")],
    *[("databases", "assessed", "", 30, "reports"), ("databases", "excluded", "", 12, "reports")],
    *[("databases", "excluded", "no comparison group", 12, "reports"), ("other", "identified", "", 5, "records")],
    *[("other", "identified", "citation searching", 5, "records"), ("other", "assessed", "", 5, "reports")],
    *[("review", "included", "", 20, "studies"), ("review", "included", "", 23, "reports")],
    *[("sheets", "extracted", "", 20, "studies"), ("sheets", "extracted", "", 61, "results")],
    *[("sheets", "not_analysed", item, 11, "results") for item in ("", "only a bound is printed")],
    *[("sheets", "analysed", item, 18, "studies") for item in ("", "Neural differences")],
    *[("sheets", "analysed", item, 50, "results") for item in ("", "Neural differences")],
]


@compared
def test_prisma():
    return Rendered(prisma(pd.DataFrame(FLOW, columns=["lane", "box", "item", "n", "unit"])))


@compared
def test_prisma_narrow():
    flow = pd.DataFrame(FLOW, columns=["lane", "box", "item", "n", "unit"])
    return Rendered(prisma(flow, style=Style(width_mm=85)))


def judged():
    words = ["low", "high", "some concerns", "critical", "no information", "low", "low", "high"] * 2
    cells = [(name, domain) for name in NAMES for domain in ("D1", "D2", "D3", "overall")]
    return pd.DataFrame(cells, columns=["study_id", "domain"]).assign(judgement=words)


@compared
def test_traffic_light():
    return Rendered(traffic_light(judged(), style=Style(width_mm=85))[0])


@compared
def test_risk_summary():
    return Rendered(risk_summary(judged(), weights=dict(zip(NAMES, (1, 2, 3, 4), strict=True)), style=NARROW))
