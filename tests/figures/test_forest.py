import hashlib
import itertools
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from matplotlib import rc_context
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.text import Text
from metacircuit.figures.forest import forest, forest_pages
from metacircuit.figures.forest_plan import plan_forest
from metacircuit.figures.forest_table import Kind
from metacircuit.figures.render import render
from metacircuit.figures.style import DEFAULT, MM, SMALLEST_TEXT, Style

STRATA_90 = (("dep", 22), ("bpd", 18), ("bip", 12), ("ed", 14), ("ptsd", 9), ("psy", 6), ("adhd", 8), ("aut", 1))
LONG_LABELS = (
    "Association for the Study of Non-Suicidal Self-Injury in Adolescents Group 2019a",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "北京师范大学心理学部 2021 非自杀性自伤青少年情绪调节神经机制研究",
    "Παπαδόπουλος & Γεωργίου 2018",
    "Ångström-Łukasiewicz, Çelik, Ğökşen & Müller 2020",
    "$p$ of Dollar_under^score 2017",
    "A *starred* name 2001",
)

LEADING_OVERLAP = 0.35
"""Share of its height by which the box of a line (with room for accents and descenders) may reach into the next."""

EDGE = 0.5
"""Points: the box of a text has a margin of about this size."""


def overlaps(boxes):
    """Pairs of texts whose boxes overlap, the vertical overlap of neighbouring lines aside."""
    names = [name for name, _ in boxes]
    x0, y0, x1, y1 = np.array([box for _, box in boxes]).T
    shrink = LEADING_OVERLAP * (y1 - y0)
    wide = np.minimum(x1[:, None], x1) - np.maximum(x0[:, None], x0)
    high = np.minimum((y1 - shrink)[:, None], y1 - shrink) - np.maximum((y0 + shrink)[:, None], y0 + shrink)
    found = np.argwhere(np.triu((wide > EDGE) & (high > 0), k=1))
    return [(names[a], names[b]) for a, b in found]


def outside(figure, boxes):
    """Texts that the edge of the figure cuts."""
    width, height = 72 * figure.get_size_inches()
    return [name for name, (x0, y0, x1, y1) in boxes if x0 < 0 or y0 < 0 or x1 > width or y1 > height]


def texts(figure: Figure) -> list[str]:
    return [artist.get_text() for artist in figure.findobj(Text)]


def shapes(figure: Figure, colour: str) -> int:
    """The number of filled shapes of a colour among the marks."""
    wanted = to_rgba(colour)
    found = [c for c in figure.axes[0].collections if isinstance(c, PolyCollection)]
    return sum(len(c.get_paths()) for c in found if tuple(c.get_facecolor()[0]) == wanted and c.get_clip_on())


CASES = {
    "one": ((("overall", 1),), {}),
    "three": ((("overall", 3),), {}),
    "ninety": (STRATA_90, {}),
    "long labels": ((("dep", 7), ("bpd", 7), ("aut", 1)), {"labels": LONG_LABELS}),
    "odds ratios": ((("dep", 6), ("bpd", 4)), {"measure": "OR", "spread": 2.0, "width": 1.5}),
    "correlations": ((("dep", 6), ("bpd", 4)), {"measure": "ZCOR", "spread": 0.7}),
    "proportions": ((("dep", 6), ("bpd", 4)), {"measure": "PLO", "centre": -2.0, "spread": 1.5}),
    "all equal": ((("dep", 6), ("bpd", 4)), {"spread": 0.0}),
    "huge": ((("dep", 6), ("bpd", 4)), {"centre": 1e6, "spread": 3e5, "width": 4e5}),
    "tiny": ((("dep", 6), ("bpd", 4)), {"centre": 1e-5, "spread": 3e-5, "width": 4e-5}),
    "huge odds": ((("dep", 6), ("bpd", 4)), {"measure": "OR", "centre": 3.0, "spread": 40.0, "width": 200.0}),
}


@pytest.mark.parametrize("case", CASES)
def test_texts_stand_apart_and_inside_and_are_legible(case, make_tables, boxes):
    strata, options = CASES[case]
    tables = make_tables(strata, **options)
    favours = ("less dysfunction in people who injure themselves", "more dysfunction in people who injure themselves")
    figure = forest(tables.rows, tables.estimates, tables.contrast, favours=favours, title=case, note="A note. " * 40)
    found = boxes(figure)
    assert overlaps(found) == []
    assert outside(figure, found) == []
    assert min(artist.get_fontsize() for artist in figure.findobj(Text)) >= SMALLEST_TEXT


def test_pages_are_legible_too(make_tables, boxes):
    tables = make_tables(STRATA_90, labels=LONG_LABELS)
    for page in forest_pages(tables.rows, tables.estimates, tables.contrast):
        found = boxes(page)
        assert overlaps(found) == []
        assert outside(page, found) == []


def test_one_square_a_study_one_diamond_a_pooled_stratum_one_bar_a_prediction_interval(make_tables):
    tables = make_tables(STRATA_90)
    figure = forest(tables.rows, tables.estimates, tables.contrast)
    assert shapes(figure, DEFAULT.study) == 90
    assert shapes(figure, DEFAULT.group) == 7  # the stratum of one study is not pooled
    assert shapes(figure, DEFAULT.overall) == 1
    assert shapes(figure, DEFAULT.prediction) == 8


def test_numbers_are_written_on_the_natural_scale():
    rows = pd.DataFrame(
        {"stratum": ["overall"], "study_label": ["A"], "yi": [np.log(2)], "ci_lb": [np.log(0.5)], "ci_ub": [np.log(8)]}
    )
    estimates = pd.DataFrame(
        {
            **{"grouping": ["overall"], "stratum": ["overall"], "label": ["All"], "status": ["ok"], "measure": ["OR"]},
            **{"estimate": [np.log(3)], "ci_lb": [np.log(1.5)], "ci_ub": [np.log(6)], "studies": [4]},
            **{"tau2": [0.034], "I2": [0.0], "QE": [12.345], "QE_df": [3], "QEp": [0.00629]},
        }
    )
    figure = forest(rows, estimates)
    assert {"2.00", "[0.50,", "8.00]", "3.00", "[1.50,", "6.00]", "OR [95% CI]", "Odds ratio (log scale)"} <= set(
        texts(figure)
    )
    assert {"0.5", "1", "2", "4", "8"} <= set(texts(figure))
    joined = "".join(texts(figure)).replace("\u00a0", " ")
    assert "τ² = 0.03, I² = 0.0%, Q(3) = 12.35, p = .006" in joined
    assert "Overall, 4 studies" in joined


def test_minus_signs_and_small_p_values_are_typeset(make_tables):
    tables = make_tables((("dep", 5), ("bpd", 5)), centre=-3.0)
    figure = forest(tables.rows, tables.estimates, tables.contrast)
    written = texts(figure)
    assert not [text for text in written if text.lstrip("[").startswith("-")]
    assert any("−" in text for text in written)
    assert any("< .001" in text.replace("\u00a0", " ") for text in written)
    assert not [text for text in written if ".000" in text]


def test_a_stratum_that_is_not_pooled_shows_its_studies_and_says_why(make_tables):
    tables = make_tables((("dep", 5), ("aut", 1)), labels=["Study"])
    written = texts(forest(tables.rows, tables.estimates, tables.contrast))
    assert written.count("Study") == 1 + 6  # the heading of the column, and six studies
    assert "Not pooled: k = 1, minimum 3" in written


def test_strata_without_studies_are_named(make_tables):
    tables = make_tables((("dep", 5), ("sud", 0)))
    written = texts(forest(tables.rows, tables.estimates))
    assert "No studies: Label of sud." in written


def test_studies_of_a_stratum_without_an_estimate_are_not_lost(make_tables):
    tables = make_tables((("dep", 5), ("bpd", 4)))
    figure = forest(tables.rows, tables.estimates[tables.estimates["stratum"] != "bpd"])
    assert shapes(figure, DEFAULT.study) == 9
    assert "Not pooled: no estimate" in texts(figure)


def test_between_group_test_and_its_absence(make_tables):
    tables = make_tables((("dep", 5), ("bpd", 4)))
    joined = "".join(texts(forest(tables.rows, tables.estimates, tables.contrast))).replace("\u00a0", " ")
    assert "F(1, 21.7) = 4.56" in joined
    assert "p = .012" in joined
    undone = tables.contrast.assign(status="too_few", reason="one group has studies.")
    joined = " ".join(texts(forest(tables.rows, tables.estimates, undone)))
    assert "not done (one group has studies)" in joined.replace("\n", " ")


def test_the_axis_is_not_spoilt_by_one_wild_study(make_tables):
    tables = make_tables((("dep", 20), ("bpd", 20)))
    calm = forest(tables.rows, tables.estimates).axes[0].get_xlim()
    wild_rows = tables.rows.copy()
    wild_rows.loc[3, ["yi", "ci_lb", "ci_ub"]] = [40.0, 10.0, 70.0]
    wild = forest(wild_rows, tables.estimates)
    low, high = wild.axes[0].get_xlim()
    assert high - low < 2 * (calm[1] - calm[0])
    assert shapes(wild, DEFAULT.study) == 39  # no square; an arrow head instead
    assert "40.00" in texts(wild)


def test_no_effect_is_on_the_axis_unless_it_is_far_away(make_tables):
    near = make_tables((("overall", 8),), centre=1.5, spread=0.2)
    far = make_tables((("overall", 8),), centre=900.0, spread=1.0)
    low, high = forest(near.rows, near.estimates).axes[0].get_xlim()
    assert low < 0 < high
    low, _ = forest(far.rows, far.estimates).axes[0].get_xlim()
    assert low > 800


def test_studies_can_be_sorted(make_tables):
    tables = make_tables((("overall", 12),))
    figure = forest(tables.rows, tables.estimates, sort="yi")
    order = [text for text in texts(figure) if text.startswith("Author")]
    assert order == list(tables.rows.sort_values("yi")["study_label"])


def test_columns_without_content_are_left_out(make_tables):
    tables = make_tables((("overall", 4),))
    rows = tables.rows.assign(effects=1, participants=np.nan)
    written = texts(forest(rows, tables.estimates))
    assert "Effects" not in written
    assert "Participants" not in written
    assert "Weight, %" in written


@pytest.mark.parametrize("case", ["ninety", "long labels"])
def test_pages_break_sensibly(case, make_tables):
    strata, options = CASES[case]
    tables = make_tables(strata, **options)
    low = Style(page_height_mm=110)
    plan = plan_forest(tables.rows, tables.estimates, tables.contrast, style=low)
    pages = plan.pages()
    assert len(pages) > 2
    for page in pages:
        kinds = [placed.line.kind for placed in page]
        assert kinds[-1] is not Kind.GROUP
        assert kinds[0] in (Kind.GROUP, Kind.STUDY)
        assert kinds[:2] != [Kind.GROUP, Kind.POOLED]
    printed = [placed for page in pages for placed in page if not "".join(placed.label).endswith("(continued)")]
    assert printed == list(plan.lines)
    for before, after in itertools.pairwise(pages):
        if before[-1].line.group == after[0].line.group:
            assert " ".join(after[0].label).endswith("(continued)")


def test_pages_are_no_higher_than_allowed_and_all_have_the_heading(make_tables):
    tables = make_tables(STRATA_90)
    pages = forest_pages(tables.rows, tables.estimates, tables.contrast, title="A title")
    assert len(pages) == 3
    for page in pages:
        width, height = 72 * page.get_size_inches()
        assert width == pytest.approx(180 * MM)
        assert height <= 240 * MM
        assert {"Study", "SMD [95% CI]", "Standardised mean difference (Hedges’ g)"} <= set(texts(page))
    assert ["A title" in texts(page) for page in pages] == [True, False, False]


def test_a_narrow_figure_drops_columns_or_says_that_it_cannot(make_tables, boxes):
    tables = make_tables((("dep", 5), ("bpd", 4)))
    narrow = Style(width_mm=88)
    figure = forest(tables.rows, tables.estimates, columns=(), style=narrow)
    assert overlaps(boxes(figure)) == []
    with pytest.raises(
        ValueError, match="60 mm is too narrow for a forest plot with the columns effects, participants, weight"
    ):
        forest(tables.rows, tables.estimates, style=Style(width_mm=60))


def test_unusual_rows_do_not_break_the_figure(make_tables):
    tables = make_tables((("overall", 4),))
    rows = tables.rows.copy()
    rows.loc[0, ["yi", "ci_lb", "ci_ub"]] = np.nan
    rows.loc[1, ["ci_lb", "ci_ub"]] = [-np.inf, np.inf]
    figure = forest(rows, tables.estimates)
    assert {"–", "−∞,".join(["[", ""])} <= set(texts(figure))
    nothing = forest(tables.rows.iloc[:0], tables.estimates.assign(status="empty", reason="no studies"))
    assert "Overall, 4 studies. Not pooled: no studies" in " ".join(texts(nothing))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: (t.rows.drop(columns="yi"), t.estimates, None), "the table rows lacks 'yi'"),
        (lambda t: (t.rows, t.estimates.drop(columns="ci_lb"), None), "the table estimates lacks 'ci_lb'"),
        (lambda t: (t.rows, pd.concat([t.estimates] * 2), None), "more than one row for overall overall"),
        (lambda t: (t.rows, t.estimates.assign(measure="SMDX"), None), "did you mean 'SMD'"),
        (lambda t: (t.rows, t.estimates, pd.concat([t.contrast] * 2)), "contrast has 2 rows"),
    ],
)
def test_tables_that_cannot_be_drawn_are_refused(change, message, make_tables):
    with pytest.raises(ValueError, match=message):
        forest(*change(make_tables((("dep", 5), ("bpd", 4)))))


@pytest.mark.parametrize("form", ["pdf", "svg", "png"])
def test_the_same_figure_has_the_same_bytes(form, make_tables):
    tables = make_tables((("dep", 7), ("bpd", 4)), labels=LONG_LABELS)
    first, second = (render(forest(tables.rows, tables.estimates, tables.contrast), form, dpi=100) for _ in range(2))
    assert first == second


DIGESTS = """
import hashlib, sys
import pandas as pd
from metacircuit.figures.forest import forest
from metacircuit.figures.render import render
rows, estimates = (pd.read_json(path, dtype={"stratum": str}) for path in sys.argv[1:])
figure = forest(rows, estimates)
print([hashlib.sha256(render(figure, form, dpi=100)).hexdigest() for form in ("pdf", "svg", "png")])
print("matplotlib.pyplot" in sys.modules)
"""


def test_bytes_do_not_depend_on_the_process_and_pyplot_is_not_needed(make_tables, tmp_path):
    tables = make_tables((("dep", 7), ("bpd", 4)), labels=LONG_LABELS[3:])
    paths = [tmp_path / "rows.json", tmp_path / "estimates.json"]
    tables.rows.to_json(paths[0])
    tables.estimates.to_json(paths[1])
    outputs = []
    for seed in ("1", "2"):
        run = [sys.executable, "-W", "error::UserWarning", "-c", DIGESTS, *map(str, paths)]
        done = subprocess.run(
            run, capture_output=True, text=True, check=True, env=os.environ | {"PYTHONHASHSEED": seed}
        )
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1]
    assert outputs[0].endswith("False\n")


def test_a_users_matplotlibrc_changes_nothing(make_tables):
    tables = make_tables((("dep", 7), ("bpd", 4)))
    plain = render(forest(tables.rows, tables.estimates), "svg")
    with rc_context(
        {"font.size": 30, "axes.linewidth": 9, "svg.fonttype": "path", "text.color": "red", "axes.grid": True}
    ):
        assert (
            hashlib.sha256(render(forest(tables.rows, tables.estimates), "svg")).digest()
            == hashlib.sha256(plain).digest()
        )


def test_five_hundred_rows_are_all_drawn(make_tables):
    tables = make_tables(tuple((f"s{n}", 25) for n in range(20)))
    drawing = render(forest(tables.rows, tables.estimates, tables.contrast), "svg")
    assert drawing.count(b"<text") > 7 * 500


def test_a_stratum_without_a_label_has_its_id_for_a_name(make_tables):
    tables = make_tables((("dep", 5), ("bpd", 4)))
    written = texts(forest(tables.rows, tables.estimates.assign(label=np.nan)))
    assert {"dep", "bpd", "Pooled, 5 studies", "Pooled, 4 studies", "Overall, 9 studies"} <= set(written)
