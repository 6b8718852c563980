"""The same analyses from RevMan 5, its CSV export and a RevMan Web package, and what is refused of each."""

import io
import zipfile

import numpy as np
import pytest
from metacircuit.effects.escalc import escalc
from metacircuit.models.counts import rma_mh
from metacircuit.models.rma import rma

REAL = [
    ("revman/Fleiss1993.rm5", "revman5"),
    ("revman/Fleiss1993_CR.csv", "revman_csv"),
    ("revman/Fleiss1993.zip", "revman_web"),
]
EIGHT_DIGITS = 5e-9  # RevMan's export prints eight
HEADS = (
    "Comparison Number,Outcome Number,Subgroup Number,Name,Data Type,Effect Measure,Effect Estimate,SE,df,"
    "Year of study\n"
)


@pytest.mark.parametrize(("file", "format_"), REAL)
def test_aspirin_by_mantel_haenszel_is_what_revman_prints(load, file, format_):
    rows = load(file, format=format_).effects.query("outcome.str.contains('Aspirin')")
    assert set(rows["measure"]) == {"OR"}
    fit = rma_mh(ai=rows["events1"], n1i=rows["total1"], ci=rows["events2"], n2i=rows["total2"], measure="OR")
    assert fit.k == 7
    found = (np.exp(fit.beta), np.exp(fit.ci_lb), np.exp(fit.ci_ub))
    assert np.ravel(found) == pytest.approx((0.89686556, 0.8405144, 0.95699471), abs=EIGHT_DIGITS)
    assert pytest.approx((9.94605598, 39.67458046), abs=EIGHT_DIGITS) == (fit.QE, fit.I2)


@pytest.mark.parametrize(("file", "format_"), REAL)
def test_mental_health_by_inverse_variance_is_what_revman_prints(load, file, format_):
    """RevMan's export prints -0.70938839 [-1.25848502, -0.16029176] for the mean difference."""
    rows = load(file, format=format_).effects.query("outcome.str.contains('Mental')")
    es = escalc(
        "MD",
        **{"m1i": rows["mean1"], "sd1i": rows["sd1"], "n1i": rows["n1"]},
        **{"m2i": rows["mean2"], "sd2i": rows["sd2"], "n2i": rows["n2"]},
    )
    fit = rma(es.yi, es.vi, method="EE")
    assert fit.k == 5
    assert fit.beta[0] == pytest.approx(-0.70938839, abs=EIGHT_DIGITS)


def test_the_three_forms_hold_the_same_studies(load):
    years = [load(file, format=form).studies.set_index("study_id")["year"].to_dict() for file, form in REAL]
    assert years[0] == years[1] == years[2]
    assert len(years[0]) == 12


def test_generic_estimates_and_subgroups_of_the_export(load, errors):
    text = HEADS + (
        "1,0,0,Drugs,,,,,,\n1,1,0,Death,GIV,Hazard Ratio,,,3,\n1,1,1,Old people,GIV,Hazard Ratio,,,1,\n"
        "1,1,1,Ash 2001,,,0.8,0.1,,2001\n1,1,1,Oak 2002,,,1.2,0.2,,2002\n"
        "1,2,0,Views,OTH,,,,,\n1,2,0,Elm 2003,,,,,,2003\n"
    )
    sheets = load(made={"x.csv": text}, format="revman_csv")
    ash = sheets.effects.set_index("study_id").loc["Ash 2001"]
    assert ash["hr"] == pytest.approx(0.8)
    # R 4: exp(log(0.8) + qnorm(0.975) * 0.1)
    assert ash["hr_hi"] == pytest.approx(0.9732180192, abs=5e-10)
    assert ash["subgroup"] == "Old people"
    assert ("not-mapped", 8) in errors(sheets, "warning")


RM5 = """<COCHRANE_REVIEW><STUDIES><STUDY ID="S1" NAME="Ash 2001" YEAR="2001"/></STUDIES>
<COMPARISON><NAME>C</NAME><{kind}_OUTCOME EFFECT_MEASURE="{measure}"><NAME>O</NAME><{kind}_SUBGROUP><NAME>Old</NAME>
<{kind}_DATA STUDY_ID="S1" {one}/></{kind}_SUBGROUP></{kind}_OUTCOME></COMPARISON></COCHRANE_REVIEW>"""


@pytest.mark.parametrize(
    ("kind", "measure", "one", "column", "value"),
    [
        ("IV", "HAZARD_RATIO", 'ESTIMATE="-0.5" SE="0.25"', "hr", np.exp(-0.5)),
        ("IV", "SMD", 'ESTIMATE="-0.5" SE="0.25"', "g", -0.5),
        ("IPD", "PETO_OR", 'O_E="-4" VAR="8"', "or", np.exp(-0.5)),
    ],
)
def test_estimates_of_revman_5_become_printed_statistics(load, kind, measure, one, column, value):
    row = load(made={"x.rm5": RM5.format(kind=kind, measure=measure, one=one)}, format="revman5").effects.iloc[0]
    assert row[column] == pytest.approx(value)
    assert (row["study_id"], row["subgroup"]) == ("Ash 2001", "Old")


def test_what_has_no_place_is_told(load, errors):
    text = RM5.format(kind="IV", measure="MD", one='ESTIMATE="1" SE="2"')
    assert ("not-mapped", 1) in errors(load(made={"x.rm5": text}, format="revman5"), "warning")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><COCHRANE_REVIEW>&b;</COCHRANE_REVIEW>', "document type"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><COCHRANE_REVIEW/>', "document type"),
        ("<html/>", "no RevMan 5 review"),
        ("study,n\na,1\n", "no XML"),
        ("<COCHRANE_REVIEW/>", "no analyses"),
    ],
)
def test_hostile_and_foreign_xml_is_refused(load, content, says):
    problems = load(made={"x.rm5": content}, format="revman5").problems
    assert problems["problem"].str.contains(says).any()
    assert (problems["severity"] == "error").any()


def _zip(**members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (_zip(**{"../data-rows.csv": "a"}), "outside itself"),
        (_zip(**{"/etc/data-rows.csv": "a"}), "outside itself"),
        (_zip(**{"c:\\data-rows.csv": "a"}), "outside itself"),
        (_zip(**{"data-rows.csv": b"0" * (1 << 23)}), "far more"),
        (_zip(**{"other.csv": "a"}), "has no data-rows.csv"),
        (b"PK\x03\x04 and no more", "cannot be unpacked"),
        (_zip(**{f"{i}.csv": "" for i in range(2001)}), "2001 members"),
    ],
)
def test_hostile_archives_are_refused(load, content, says):
    problems = load(made={"x.zip": content}, format="revman_web").problems
    assert problems["problem"].str.contains(says).any()
