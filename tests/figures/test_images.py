"""Pictures compared with pictures that someone has looked at: tests/figures/baseline.

After a change that is meant, make them anew and look at each before it is committed:
`pytest tests/figures/test_images.py --mpl-generate-path=tests/figures/baseline`.
"""

from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from metacircuit.figures.evidence_map import evidence_map
from metacircuit.figures.forest import forest, forest_pages
from metacircuit.figures.forest_columns import Column
from metacircuit.figures.presets import style_for
from metacircuit.figures.render import render
from PIL import Image

TOLERANCE = 0.5
"""Root mean square of the difference of pixels, 0 to 255. The letters and the library that draws them are the same
everywhere (fonts are shipped, versions are locked, FreeType comes with matplotlib). One lost square changes the highest
of these pictures by 0.6, a changed letter by 1.2, a column that moves by half a point by 8."""

LONG = (
    "Association for the Study of Non-Suicidal Self-Injury in Adolescents Group 2019a",
    "北京师范大学心理学部 2021 非自杀性自伤青少年",
    "Παπαδόπουλος & Γεωργίου 2018",
    "Ångström-Łukasiewicz, Çelik & Müller 2020",
)


class Rendered:
    """A figure as the package writes it: what pytest-mpl saves is what a reader gets."""

    def __init__(self, figure):
        self.figure = figure

    def savefig(self, path, **_):
        Image.open(BytesIO(render(self.figure, "png", dpi=60))).convert("RGB").save(path, format="png", optimize=True)


compared = pytest.mark.mpl_image_compare(baseline_dir="baseline", tolerance=TOLERANCE, style="default")


@compared
def test_one_study(make_tables):
    tables = make_tables((("overall", 1),))
    return Rendered(forest(tables.rows, tables.estimates, favours=("less", "more")))


@compared
def test_names_of_every_kind_and_columns_on_both_sides(make_tables):
    tables = make_tables((("dep", 4), ("bpd", 3), ("aut", 1)), labels=LONG)
    words = ["low", "high", "some concerns", "critical", "no information", "low", "high", "low"]
    rows = tables.rows.assign(events=range(8), total=range(40, 48), rob=words, year=range(2001, 2009))
    ratio = Column("n", "NSSI, n/N", template="{events}/{total}")
    figure = forest(
        rows, tables.estimates, tables.contrast, left=[ratio], right=["estimate", Column("rob", "D1")], sort="-year"
    )
    return Rendered(figure)


@compared
def test_intervals_beyond_the_axis(make_tables):
    tables = make_tables((("overall", 12),), measure="OR")
    rows = tables.rows.copy()
    rows.loc[3, ["yi", "ci_lb", "ci_ub"]] = [9.0, 5.0, 13.0]
    rows.loc[5, ["ci_lb"]] = -20.0
    return Rendered(forest(rows, tables.estimates))


@compared
def test_a_single_column_in_the_dark(make_tables):
    tables = make_tables((("dep", 3), ("bpd", 3)))
    style = style_for("nature", width="single", theme="dark")
    return Rendered(forest(tables.rows, tables.estimates, tables.contrast, style=style))


@compared
def test_headings_in_grey(make_tables):
    tables = make_tables((("dep", 4), ("bpd", 3)))
    rows = tables.rows.assign(country=["UK", "China", "China", "", "UK", "Chile", "UK"])
    return Rendered(forest(rows, tables.estimates, tables.contrast, group="country", style=style_for("apa")))


@compared
def test_all_effects_equal_and_strata_alone(make_tables):
    tables = make_tables((("dep", 3), ("bpd", 3), ("aut", 1)), spread=0.0)
    return Rendered(forest(tables.rows, tables.estimates, tables.contrast, strata_only=True, style=style_for("jama")))


@compared
def test_the_second_page_of_ninety_studies(make_tables):
    tables = make_tables((("dep", 50), ("bpd", 40)))
    return Rendered(forest_pages(tables.rows, tables.estimates, tables.contrast)[1])


@compared
def test_an_evidence_map_with_bounds_and_gaps():
    strata = {"bpd:pain": (4, 0.8), "bpd:reward": (2, np.nan), "dep:pain": (0, np.nan), "dep:impulse": (3, -0.5)}
    cells = pd.DataFrame(
        {
            "grouping": "disorder:circuit",
            "stratum": list(strata),
            "label": [name.replace(":", " × ") for name in strata],
            "status": ["ok", "too_few", "empty", "ok"],
            "studies": [k for k, _ in strata.values()],
            "estimate": [estimate for _, estimate in strata.values()],
        }
    )
    cells = cells.assign(ci_lb=cells["estimate"] - 0.3, ci_ub=cells["estimate"] + 0.3)
    return Rendered(evidence_map(cells, measure="SMD", style=style_for(width="single")))
