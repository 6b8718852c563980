"""What the further figures show: marks where the numbers are."""

import math

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.text import Text
from metacircuit.figures.alt_flow import prisma_alt
from metacircuit.figures.alt_lines import labbe_alt
from metacircuit.figures.alt_strata import caterpillar_alt, matrix_alt, orchard_alt
from metacircuit.figures.bubble import bubble
from metacircuit.figures.caterpillar import caterpillar
from metacircuit.figures.drapery import drapery
from metacircuit.figures.labbe import labbe
from metacircuit.figures.matrix import matrix
from metacircuit.figures.orchard import orchard
from metacircuit.figures.prisma import prisma
from metacircuit.figures.profile import profile
from metacircuit.figures.radial import radial
from metacircuit.figures.risk_of_bias import traffic_light
from metacircuit.figures.risk_plan import risks_of
from metacircuit.figures.risk_summary import risk_alt
from metacircuit.figures.style import Style, TooNarrowError
from metacircuit.figures.swarm import swarm

Z_95 = 1.959963984540054
T_95_DF_4 = 2.7764451051977934


def texts(figure):
    return [artist.get_text() for artist in figure.findobj(Text) if artist.get_text()]


def offsets(axes):
    found = [c.get_offsets() for c in axes.collections if isinstance(c, PathCollection)]
    return np.vstack([points for points in found if len(points)])


def segments(axes):
    return [s for c in axes.collections if isinstance(c, LineCollection) for s in c.get_segments()]


@pytest.fixture
def effects():
    labels = ["A", "B", "C", "D"]
    table = pd.DataFrame({"study_label": labels, "yi": [0.5, -0.2, 1.5, 0.1], "vi": [0.04, 0.09, 0.01, np.nan]})
    return table.assign(stratum=["dep", "dep", "bpd", "bpd"], study_id=["a", "a", "c", "d"])


@pytest.fixture
def estimates():
    rows = [("overall", "overall", "All", "ok", 0.6, ""), ("disorder", "dep", "Depression", "ok", 0.3, "")]
    rows += [("disorder", "bpd", "Borderline", "too_few", np.nan, "1 study; at least 3 are pooled")]
    table = pd.DataFrame(rows, columns=["grouping", "stratum", "label", "status", "estimate", "reason"])
    return table.assign(ci_lb=table["estimate"] - 0.2, ci_ub=table["estimate"] + 0.2, studies=[3, 1, 1])


def test_an_orchard_has_every_effect_in_its_stratum_and_in_the_whole(effects, estimates):
    figure = orchard(effects, estimates, measure="SMD")
    across = sorted(round(float(x), 6) for x in offsets(figure.axes[0])[:, 0])
    assert across == [-0.2, -0.2, 0.3, 0.5, 0.5, 0.6, 1.5, 1.5]
    written = texts(figure)
    assert {"Depression", "Borderline", "All studies", "0.30 [0.10, 0.50]"} <= set(written)
    assert "Not shown: 1 row without an effect or its variance." in " ".join(written)


def test_an_orchard_in_words(effects, estimates):
    assert orchard_alt(effects, estimates, measure="SMD") == (
        "Orchard plot of standardised mean differences. "
        "Depression: 2 effects, 1 study from −0.20 to 0.50; pooled 0.30 (95% CI 0.10 to 0.50). "
        "Borderline: 1 effect, 1 study at 1.50; not pooled: 1 study; at least 3 are pooled. "
        "All studies: 3 effects, 2 studies from −0.20 to 1.50; pooled 0.60 (95% CI 0.40 to 0.80). "
        "Not shown: 1 row without an effect or its variance."
    )


def test_points_of_a_swarm_do_not_touch_while_there_is_room():
    random = np.random.default_rng(1)
    x, radius = random.uniform(0, 60, 40), np.full(40, 2.0)
    y = swarm(x, radius, 1e9)
    distance = np.hypot(x[:, None] - x, y[:, None] - y)
    assert (distance[np.triu_indices(40, 1)] >= 4 - 1e-6).all()


def test_a_crowd_stays_in_its_row():
    y = swarm(np.zeros(60), np.full(60, 2.0), 15.0)
    assert np.abs(y).max() + 2 <= 15 + 1e-9


def test_a_caterpillar_is_sorted_and_marks_what_leaves_out_no_effect(effects):
    overall = {"status": "ok", "estimate": 0.6, "ci_lb": 0.2, "ci_ub": 1.0}
    axes = caterpillar(effects, measure="SMD", overall=overall).axes[0]
    points = offsets(axes)
    ordered = points[np.argsort(points[:, 1])]
    assert ordered[:, 0].tolist() == [-0.2, 0.5, 1.5]
    lines = {round(float(s[:, 0].mean()), 6): s for s in segments(axes) if s[0, 1] == s[1, 1]}
    assert lines[0.5][:, 0].tolist() == pytest.approx([0.5 - Z_95 * 0.2, 0.5 + Z_95 * 0.2])


def test_a_caterpillar_in_words(effects):
    text = caterpillar_alt(effects, measure="SMD", overall={"status": "too_few", "reason": "2 studies", "studies": 2})
    assert "0 intervals lie below “no effect”, 1 includes it, 2 lie above." in text
    assert text.endswith("Not pooled: 2 studies. Not shown: 1 row without an effect or its variance.")


def test_curves_of_a_drapery_cross_five_per_cent_at_the_limits_of_the_interval(effects):
    overall = {"status": "ok", "estimate": 0.6, "se": 0.1, "df": 4.0}
    axes = drapery(effects, measure="SMD", overall=overall).axes[0]
    curves = [s for s in segments(axes) if len(s) > 10]
    assert len(curves) == 4
    for peak, reach in ((0.5, Z_95 * 0.2), (0.6, T_95_DF_4 * 0.1)):
        (curve,) = (c for c in curves if c[c[:, 1].argmax(), 0] == peak)
        assert curve[:, 1].max() == 1.0
        right = curve[curve[:, 0] >= peak]
        # Linear between the points of the curve.
        assert np.interp(peak + reach, right[:, 0], right[:, 1]) == pytest.approx(0.05, abs=0.004)


def test_a_radial_plot_has_precision_and_standardised_effects(effects):
    axes = radial(effects, measure="SMD", estimate=0.4, tau2=0.05).axes[0]
    x = 1 / np.sqrt(effects["vi"][:3] + 0.05)
    assert np.allclose(offsets(axes), np.column_stack([x, effects["yi"][:3] * x]))
    band = next(c for c in axes.collections if isinstance(c, PolyCollection)).get_paths()[0].vertices
    assert band[0].tolist() == pytest.approx([0.0, -Z_95])


def test_a_bubble_plot_draws_its_table_of_predictions(effects):
    line = pd.DataFrame({"x": [2000, 2010], "pred": [0.1, 0.9], "ci_lb": [-0.2, 0.6], "ci_ub": [0.4, 1.2]})
    figure = bubble(effects.assign(x=[2000, 2005, 2010, 2003]), line, measure="SMD", moderator="Year")
    assert any(np.allclose(s, line[["x", "pred"]]) for s in segments(figure.axes[0]) if len(s) == 2)
    assert {"2000", "2010"} <= set(texts(figure))
    assert "Not shown: 1 row without moderator, effect or variance." in texts(figure)


def test_the_line_of_a_labbe_plot_is_the_pooled_odds_ratio():
    table = pd.DataFrame({"study_label": ["A"], "events1": [10], "total1": [40], "events2": [20], "total2": [40]})
    axes = labbe(table, measure="OR", estimate=math.log(0.5)).axes[0]
    assert offsets(axes).tolist() == [[0.5, 0.25]]
    curve = next(s for s in segments(axes) if len(s) > 10)
    odds = curve[1:-1] / (1 - curve[1:-1])
    assert odds[:, 1] / odds[:, 0] == pytest.approx(0.5)
    with pytest.raises(ValueError, match="OR, PETO, RR, RD, not 'SMD'"):
        labbe(table, measure="SMD")
    assert "lower in group 1 in 1 study" in labbe_alt(table, measure="OR")


CELLS = pd.DataFrame(
    {
        "grouping": "disorder:circuit",
        "stratum": ["bpd:pain", "dep:pain", "dep:reward"],
        "label": ["BPD × Pain", "Depression × Pain", "Depression × Reward"],
        "status": ["ok", "too_few", "ok"],
        "studies": [4, 2, 7],
        "estimate": [0.8, np.nan, -0.2],
        "ci_lb": [0.5, np.nan, -0.4],
        "ci_ub": [1.1, np.nan, 0.0],
    }
)
WORDS = pd.DataFrame({"id": ["bpd", "dep", "ptsd"], "label": ["BPD", "Depression", "PTSD"]})


def test_a_matrix_has_numbers_counts_and_names_what_is_empty():
    figure = matrix(CELLS, rows=WORDS, measure="SMD")
    written = texts(figure)
    assert {"0.80 [0.50, 1.10]", "4 studies", "−0.20 [−0.40, 0.00]", "2 studies", "not pooled"} <= set(written)
    assert "No studies: PTSD." in written
    assert len(figure.axes) == 2


def test_a_matrix_with_margins_has_a_last_row_and_column():
    ids = [("overall", "overall", 0.3), ("disorder", "bpd", 0.7), ("circuit", "pain", 0.5)]
    margins = pd.DataFrame(ids, columns=["grouping", "stratum", "estimate"]).assign(status="ok", studies=9, label="All")
    margins = margins.assign(ci_lb=margins["estimate"] - 0.1, ci_ub=margins["estimate"] + 0.1)
    written = texts(matrix(CELLS, margins=margins, measure="SMD"))
    assert written.count("All") == 2
    assert {"0.30 [0.20, 0.40]", "0.70 [0.60, 0.80]", "0.50 [0.40, 0.60]"} <= set(written)


def test_a_matrix_in_words():
    text = matrix_alt(CELLS, rows=WORDS, measure="SMD")
    assert "2 rows by 2 columns: 2 of 3 cells with studies were pooled." in text
    assert "Depression, Reward: −0.20 (95% CI −0.40 to 0.00), 7 studies." in text


def test_a_profile_that_rises_away_from_the_estimate_or_is_flat_is_named():
    x = np.linspace(0, 1, 11)
    odd = pd.DataFrame({"component": "odd", "value": x, "ll": -((x - 0.9) ** 2), "estimate": 0.3})
    flat = pd.DataFrame({"component": "flat", "value": x, "ll": 0.0, "estimate": 0.5})
    said = " ".join(texts(profile(pd.concat([odd, flat]))))
    assert "Flat, so the data do not tell it: flat." in said
    assert "Higher away from the estimate: odd." in said


FLOW = pd.DataFrame(
    [
        ("databases", "identified", "", 90, "records"),
        ("databases", "identified", "PubMed", 90, "records"),
        ("sheets", "extracted", "", 3, "studies"),
        ("sheets", "extracted", "", 9, "results"),
    ],
    columns=["lane", "box", "item", "n", "unit"],
)


def test_a_stage_that_was_not_counted_has_no_box():
    written = [text.replace("\u00a0", " ") for text in texts(prisma(FLOW))]
    assert {"Records identified (n = 90)", "PubMed (n = 90)", "Results (n = 9)"} <= set(written)
    assert not [text for text in written if "screened" in text]


def test_a_flow_without_a_search_says_so():
    sheets = FLOW[FLOW["lane"] == "sheets"]
    assert "no record of its search" in prisma_alt(sheets)
    assert any("no record of its search" in text for text in texts(prisma(sheets)))


def test_a_screening_that_includes_other_studies_than_the_sheets_hold_is_named():
    included = pd.DataFrame([("review", "included", "", 5, "studies")], columns=FLOW.columns)
    said = "The screening includes 5 studies; the sheets hold results of 3."
    assert said in texts(prisma(pd.concat([FLOW, included])))
    assert prisma_alt(pd.concat([FLOW, included])).endswith(said)
    assert "The screening" not in prisma_alt(pd.concat([FLOW, included.assign(n=3)]))


JUDGED = pd.DataFrame(
    {
        "study_id": ["a", "a", "b", "b", "c"],
        "domain": ["overall", "D1", "overall", "D1", "D1"],
        "judgement": ["low", "Some_Concerns", "high", "low", "low"],
    }
)


def test_shares_are_weighted_and_the_overall_judgement_stands_last():
    found = risks_of(JUDGED, None, None, None)
    assert [name for name, _ in found.domains] == ["D1", "overall"]
    assert found.shares("D1", {"a": 1.0, "b": 2.0, "c": 1.0}) == {"fine": 0.75, "doubtful": 0.25}
    assert risk_alt(JUDGED, weights={"a": 3.0, "b": 1.0}) == (
        "Risk of bias of 3 studies in 2 domains, shares by weight. D1: Low 25%, Some concerns 75%. "
        "Overall: Low 75%, High 25%."
    )


def test_a_tool_brings_its_own_words():
    tool = pd.DataFrame({"id": ["probably_low", "definitely_high"], "kind": ["fine", "worst"], "label": ["P–", "D+"]})
    table = pd.DataFrame({"study_id": ["a"], "domain": ["D1"], "judgement": ["Probably low"]})
    assert risks_of(table, None, tool, None).words == {"fine": "P–"}
    with pytest.raises(ValueError, match="no tool has the judgement 'low'"):
        risks_of(JUDGED.iloc[:1], None, tool, None)
    with pytest.raises(ValueError, match="kinds of judgements are"):
        risks_of(table, None, tool.assign(kind="green"), None)


def test_a_cell_judged_twice_and_a_page_too_narrow_are_refused():
    with pytest.raises(ValueError, match="D1 of c more than once"):
        traffic_light(pd.concat([JUDGED, JUDGED.tail(1)]))
    many = pd.DataFrame({"study_id": "a", "domain": [f"D{n}" for n in range(40)], "judgement": "low"})
    with pytest.raises(TooNarrowError, match="40 domains"):
        traffic_light(many, style=Style(width_mm=85))


@pytest.mark.parametrize(
    ("draw", "table", "column"),
    [
        (lambda t: caterpillar(t, measure="SMD"), pd.DataFrame({"study_label": [], "yi": []}), "vi"),
        (lambda t: drapery(t, measure="SMD"), pd.DataFrame({"yi": []}), "vi"),
        (lambda t: radial(t, measure="SMD"), pd.DataFrame({"study_label": [], "yi": []}), "vi"),
        (lambda t: bubble(t, measure="SMD"), pd.DataFrame({"study_label": [], "yi": [], "vi": []}), "x"),
        (profile, pd.DataFrame({"component": [], "value": []}), "ll"),
        (prisma, pd.DataFrame({"lane": [], "box": [], "item": [], "n": []}), "unit"),
    ],
)
def test_a_table_without_a_column_is_refused(draw, table, column):
    with pytest.raises(ValueError, match=f"lacks '{column}'"):
        draw(table)
