"""The tables of the paper, from result tables written by hand."""

import math

import pandas as pd
import pytest
from metacircuit.config import TabledAnalysis, UserError
from metacircuit.models.estimates import CONTRASTS, ESTIMATES
from metacircuit.tables.builders import BUILDERS
from metacircuit.tables.material import Material
from metacircuit.tables.writers import WRITERS

NAN = math.nan
ANALYSES = {
    "mood": TabledAnalysis(title="Mood", measure="SMD", groupings=("disorder",)),
    "risk": TabledAnalysis(title="Risk", measure="OR", groupings=()),
    "share": TabledAnalysis(title="Share", measure="PLO", groupings=()),
}


def frame(columns: tuple[str, ...], *rows: dict) -> pd.DataFrame:
    words = {
        "analysis",
        "grouping",
        "stratum",
        "label",
        "measure",
        "model",
        "method",
        "test",
        "status",
        "reason",
        "scale",
    }
    blank = {name: "" if name in words else NAN for name in columns}
    return pd.DataFrame([blank | row for row in rows], columns=list(columns))


def pooled(analysis: str, scale: str, measure: str, **numbers: float | str) -> dict:
    base = {"analysis": analysis, "grouping": "overall", "stratum": "overall", "label": "All studies", "status": "ok"}
    return (
        base | {"scale": scale, "measure": measure, "level": 95.0, "k": 9, "studies": 4, "participants": 1200} | numbers
    )


ESTIMATED = {
    "mood": frame(
        ESTIMATES,
        pooled(
            *("mood", "standardised mean difference", "SMD"),
            **{"model": "CHE", "method": "REML", "test": "CR2", "rho": 0.6, "estimate": -0.3126, "se": 0.0512},
            **{
                "natural": -0.3126,
                "natural_lb": -0.413,
                "natural_ub": -0.2123,
                "natural_pi_lb": -1.0,
                "natural_pi_ub": 0.4,
            },
            **{"pval": 1e-12, "tau2": 0.0046, "I2": 91.26},
        ),
        pooled("mood", "standardised mean difference", "SMD")
        | {
            "grouping": "disorder",
            "stratum": "ptsd",
            "label": "PTSD",
            "status": "too_few",
            "reason": "1 study; at least 3",
        },
        pooled(
            *("mood", "standardised mean difference", "SMD"),
            **{
                "estimate": 1.0,
                "se": 1.4,
                "natural": 1.0,
                "natural_lb": -5.36,
                "natural_ub": 7.42,
                "pval": 0.104,
                "tau2": 0.3,
            },
            reason="wild cluster bootstrap, since there are 3.38 degrees of freedom, fewer than 4",
        )
        | {"grouping": "disorder", "stratum": "bpd", "label": "BPD"},
    ),
    "risk": frame(
        ESTIMATES,
        # An odds ratio of 8 with a standard error of 0.1 on the log scale: 0.80 on its own.
        pooled(
            *("risk", "odds ratio", "OR"),
            **{
                "estimate": math.log(8),
                "se": 0.1,
                "natural": 8.0,
                "natural_lb": 6.576,
                "natural_ub": 9.732,
                "pval": 0.0304,
            },
        ),
    ),
    "share": frame(
        ESTIMATES,
        pooled(
            *("share", "proportion", "PLO"),
            **{
                "estimate": -0.5,
                "se": 0.2,
                "natural": 0.37754,
                "natural_lb": 0.2907,
                "natural_ub": 0.473,
                "pval": 0.01,
            },
        ),
    ),
}


def shown(table) -> list[list[str]]:
    return [[row.cells[i].text for i in table.shown] for row in table.rows]


@pytest.fixture(scope="module")
def summary():
    return BUILDERS["summary"](Material(analyses=ANALYSES, estimates=ESTIMATED))


def test_the_standard_error_decides_the_digits_of_each_row(summary):
    head = [summary.columns[i].name for i in summary.shown]
    rows = [dict(zip(head, row, strict=True)) for row in shown(summary)]
    assert [rows[0][n] for n in ("natural", "natural_lb", "natural_ub")] == ["−0.313", "−0.413", "−0.212"]
    assert [rows[2][n] for n in ("natural", "natural_lb", "natural_ub")] == ["1.0", "−5.4", "7.4"]
    assert [rows[3][n] for n in ("natural", "natural_lb", "natural_ub")] == ["8.00", "6.58", "9.73"]
    assert [rows[4][n] for n in ("natural", "natural_lb", "natural_ub")] == ["37.8%", "29.1%", "47.3%"]
    assert [row["pval"] for row in rows] == ["< .001", "–", ".104", ".030", "–"]
    assert (rows[0]["tau2"], rows[0]["I2"], rows[0]["participants"]) == ("0.0046", "91.3", "1,200")


def test_a_stratum_that_was_not_pooled_says_why(summary):
    assert summary.rows[1].message == "not pooled: 1 study; at least 3"
    assert summary.rows[1].groups == ("Mood (standardised mean difference)", "By disorder")


def test_what_a_reader_must_know_is_a_footnote_without_the_number_of_one_stratum(summary):
    (note,) = summary.footnotes
    assert note.text == "Wild cluster bootstrap, since there are fewer than 4 degrees of freedom."
    assert [row.cells[summary.shown[0]].marks for row in summary.rows].count(("a",)) == 1


def test_the_note_names_the_models_and_the_level(summary):
    assert "CHE (REML; CR2, ρ = 0.6 within studies) in Mood" in summary.note
    assert summary.columns[summary.shown[5]].spanner == "95% CI"


def test_different_levels_are_told():
    mixed = ESTIMATED | {"risk": ESTIMATED["risk"].assign(level=90.0)}
    table = BUILDERS["summary"](Material(analyses=ANALYSES, estimates=mixed))
    assert "Levels of the intervals: Mood: 95%; Risk: 90%; Share: 95%" in table.note
    assert table.columns[table.shown[5]].spanner == "CI"


def test_tests_between_strata_are_f_or_chi_squared():
    base = {"analysis": "mood", "model": "CHE", "groups": 3, "k": 20, "studies": 9, "status": "ok"}
    rows = frame(
        CONTRASTS,
        base | {"grouping": "disorder", "QM": 2.5457, "df1": 2, "df2": 4.344, "pval": 0.185, "tau2": 0.54, "R2": 14.07},
        base | {"grouping": "a:b", "QM": 9.5, "df1": 2, "pval": 0.0087},
        base | {"grouping": "x", "status": "too_few", "reason": "1 of its strata has enough studies"},
    )
    table = BUILDERS["tests"](Material(analyses=ANALYSES, contrasts={"mood": rows}))
    assert shown(table)[0] == ["Disorder", "3", "9", "20", "F", "2.55", "2", "4.3", ".185", "0.54", "14.1"]
    assert shown(table)[1][4:9] == ["χ²", "9.50", "2", "–", ".009"]
    assert table.rows[2].message == "not tested: 1 of its strata has enough studies"


def test_heterogeneity_shows_only_columns_with_something_in_them():
    table = BUILDERS["heterogeneity"](Material(analyses=ANALYSES, estimates=ESTIMATED))
    assert [table.columns[i].name for i in table.shown] == ["label", "k", "tau2", "I2"]
    assert len(table.rows) == 4  # the stratum that was not pooled is not among them


def correction(**more: float | str) -> dict:
    base = {
        "analysis": "mood",
        "grouping": "overall",
        "stratum": "overall",
        "label": "All",
        "status": "ok",
        "few": "no",
    }
    empty = dict.fromkeys(("reason", "note", "quantity_is"), "") | {"given": "effects"}
    numbers = ("estimate", "se", "stat", "df", "pval", "natural", "natural_lb", "natural_ub", "quantity")
    return base | empty | dict.fromkeys(numbers, NAN) | {"k": 9, "studies": 9} | more


def test_corrections_stand_side_by_side_in_order_of_their_kind():
    rows = pd.DataFrame(
        [
            correction(
                method="egger", method_label="Egger", family="test", quantity=1.23, quantity_is="slope", pval=0.57
            ),
            correction(
                *(),
                **{"method": "puniform", "method_label": "p-uniform*", "family": "correction"},
                # No standard error: an interval of 0.392 stands for one of 0.10.
                **{
                    "estimate": 0.3,
                    "natural": 0.3,
                    "natural_lb": 0.1,
                    "natural_ub": 0.492,
                    "note": "a remark",
                    "few": "yes",
                },
            ),
            correction(
                method="uncorrected", method_label="Uncorrected", family="reference", estimate=0.5, natural=0.5, se=0.2
            ),
            correction(method="pet", method_label="PET", family="correction", status="not_converged", reason="no end"),
            correction(method="rank", method_label="Rank", family="test") | {"grouping": "disorder"},
        ]
    )
    table = BUILDERS["corrections"](Material(analyses=ANALYSES, corrections={"mood": rows}, estimates=ESTIMATED))
    assert [row[0] for row in shown(table)] == ["Uncorrected", "p-uniform*", "PET", "Egger"]
    assert shown(table)[1][3:6] == ["0.30", "0.10", "0.49"]
    assert table.rows[1].cells[table.shown[0]].marks == ("a", "b")
    assert [note.text[:15] for note in table.footnotes] == ["Fewer than 10 s", "A remark."]
    assert table.rows[2].message == "not converged: no end"
    assert "diagnostics/ANALYSIS/corrections.csv" in table.note


SHEET = pd.DataFrame(
    {
        "effect_id": ["e1", "e2", "e3", "e4"],
        "study_id": ["b", "b", "a", "c"],
        "sample_id": ["s", "s", "s", "s"],
        "disorder": ["bpd", "ptsd", "bpd", "bpd"],
        "row": [2, 3, 4, 5],
    }
)
STUDIES = pd.DataFrame(
    {
        "study_id": ["a", "b", "c"],
        "first_author": ["Wu", "Li", "Xu"],
        "year": [2020.0, 2019.0, NAN],
        "country": ["", "China", "Peru"],
        "mean_age": [15.25, 16.0, NAN],
        "notes": ["", "", ""],
    }
)
CHARACTERISED = {
    "studies": STUDIES,
    "sheet": SHEET,
    "rows": SHEET[["effect_id"]].assign(fate=["analysed", "analysed", "analysed", "excluded"]),
    "effects": {"mood": SHEET.assign(participants=[80.0, 90.0, 40.0, NAN])},
    "words": {"disorder": pd.DataFrame({"id": ["ptsd", "bpd"], "label": ["PTSD", "Borderline"]})},
}


def test_study_characteristics_by_default():
    table = BUILDERS["characteristics"](Material(analyses=ANALYSES, **CHARACTERISED))
    assert [table.columns[i].heading for i in table.shown] == [
        *("Study", "Country", "Mean age", "Disorder", "Effects", "Participants")
    ]
    # Words in the order of the vocabulary; people of a sample once.
    assert shown(table) == [
        ["Li 2019", "China", "16.00", "PTSD; Borderline", "2", "90"],
        ["Wu 2020", "", "15.25", "Borderline", "1", "40"],
    ]
    assert table.note.endswith("1 study of the sheet has no analysed effect.")


def test_study_characteristics_of_the_users_choice():
    table = BUILDERS["characteristics"](
        Material(analyses=ANALYSES, **CHARACTERISED, characteristics=("year", "disorder"))
    )
    assert shown(table)[0] == ["Li 2019", "2019", "PTSD; Borderline", "2", "90"]


def test_unknown_columns_are_all_named():
    wanted = ("contry", "disorder", "nothing", "study_id")
    with pytest.raises(UserError, match="Did you mean `country`") as found:
        BUILDERS["characteristics"](Material(analyses=ANALYSES, **CHARACTERISED, characteristics=wanted))
    assert len(found.value.messages) == 3


def test_effects_tell_their_route_their_assumptions_and_what_they_are_instead():
    base = {"measure": "SMD", "flags": "", "participants": 30.0, "route": "smd.p", "lower": NAN, "upper": NAN}
    known = {"yi": -0.95, "vi": 0.0144, "ci_lb": -1.185, "ci_ub": -0.715}
    unknown = dict.fromkeys(known, NAN)
    told = {"inputs": "p=0.01; t=-2.3; direction=-1; scale_direction=1", "assumptions": "One.; Two; three."}
    rows = pd.DataFrame(
        [
            base
            | known
            | told
            | {"effect_id": "a.1", "study_label": "Li", "outcome": "x", "status": "analysed", "reason": ""},
            base
            | unknown
            | told
            | {"effect_id": "a.2", "status": "bound", "lower": 0.63, "upper": math.inf, "reason": ""},
            base | unknown | told | {"effect_id": "a.3", "status": "excluded", "reason": "overlaps"},
        ]
    ).assign(study_id="a")
    table = BUILDERS["effects"](Material(analyses=ANALYSES, effects={"mood": rows}))
    first, second, third = shown(table)
    assert first == ["Li", "x", "30", "−0.95", "−1.19", "−0.71", "smd.p", "p=0.01; t=−2.3", ""]
    assert [note.text for note in table.footnotes] == ["One.", "Two; three."]
    assert second[-1] == "bound: at least 0.63"
    assert third[-1] == "excluded: overlaps"
    # The CSV has all that leads to the number.
    assert told["inputs"] in {cell.value for cell in table.rows[0].cells}


def test_numbers_that_are_words_of_a_vocabulary_are_words():
    studies = STUDIES.assign(design=[1.0, 2.0, NAN])
    words = {"design": pd.DataFrame({"id": ["1", "2"], "label": ["Cohort", "Trial"]})}
    material = Material(
        analyses=ANALYSES, **CHARACTERISED | {"studies": studies, "words": words}, characteristics=("design",)
    )
    assert [row[1] for row in shown(BUILDERS["characteristics"](material))] == ["Trial", "Cohort"]


@pytest.mark.parametrize("name", list(BUILDERS))
def test_an_empty_review_gives_empty_tables(name):
    nothing = {
        "effects": {"mood": SHEET.assign(participants=NAN, assumptions="").head(0)},
        "estimates": {"mood": ESTIMATED["mood"].head(0)},
        "contrasts": {"mood": frame(CONTRASTS)},
        "corrections": {"mood": pd.DataFrame([correction()]).head(0)},
        "rows": CHARACTERISED["rows"].head(0),
        "studies": STUDIES.head(0),
        "sheet": SHEET.head(0),
    }
    table = BUILDERS[name](Material(analyses={"mood": ANALYSES["mood"]}, **nothing))
    assert table.rows == ()
    assert all(write(table) for write in WRITERS.values())
