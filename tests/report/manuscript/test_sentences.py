"""Methods and results say what the tables hold, in sentences that read well."""

import re
from dataclasses import replace

import pandas as pd
import pytest
from metacircuit.report.manuscript.bibliography import cited, known_entries
from metacircuit.report.manuscript.methods import methods
from metacircuit.report.manuscript.numbers import as_json, as_tex, collect, from_json
from metacircuit.report.manuscript.parts import written_parts
from metacircuit.report.manuscript.results import amounts, between, overall, results

VERSIONS = {"metacircuit": "0.1.0", "python": "3.11.1", "numpy": "2.0.0", "snakemake": "9.8.0"}


def test_the_overall_estimate_is_told_with_its_interval_test_and_heterogeneity(sources):
    text = overall(sources.estimates["pain"].iloc[0].to_dict())
    assert text == (
        "The pooled standardised mean difference of 8 effects from 5 studies (1,234 participants) was 0.46"
        r" \[0.18, 0.74\], *t*(4.0) = 4.56, *p* < .001. The 95% confidence interval excludes 0, the value of no effect."
        r" The 95% prediction interval for the true effect of a comparable new study was \[−0.31, 1.22\]."
        r" Heterogeneity: *Q*(7) = 12.35, *p* = .090; *I*² = 55.5%; τ² = 0.05, of which 0.04 \[0.00, 0.20\] lies"
        r" between studies and 0.01 \[0.00, 0.05\] between the effects of a study."
    )


def test_strata_tests_and_what_was_not_pooled_are_told(spec, sources):
    text = results(spec, sources)
    assert (
        "*By disorder.* 2 of 3 strata were pooled: Disorder A, 0.46 \\[0.18, 0.74\\] (1 study, 1 effect, *p* = .030)"
        in text
    )
    assert "The test of differences between the 2 pooled strata gave *F*(1, 4.3) = 2.55, *p* = .185." in text
    assert "The strata account for 14.1% of the heterogeneity." in text
    assert "Interval and *p* are those of a wild bootstrap for Disorder B." in text
    assert r"Not pooled: Disorder \| C (1 study; at least 3 are pooled)." in text


def test_the_checks_are_told(spec, sources):
    text = results(spec, sources)
    assert (
        "With assumed correlations within studies from 0.2 to 0.8, the pooled estimate was between 0.44 and 0.47."
        in text
    )
    assert "1 of 2 studies was influential by the deletion diagnostics: Kaess 2019." in text
    assert "gave pooled estimates between 0.40 and 0.50 (*p* = .010 to *p* = .200)." in text
    assert "Egger's regression, *t*(3) = 1.23, *p* = .306." in text
    assert r"Trim and fill, L0, 0.30 \[0.10, 0.50\]." in text
    assert "Not possible: Peters (needs counts)." in text
    assert "With 5 studies little can be told." in text


def test_no_sentence_claims_significance_or_prints_a_zero_p(spec, sources):
    text = results(spec, sources) + methods(spec, sources, VERSIONS)
    assert not re.search(r"significant(ly)? (?!test)|= \.000|\bnan\b|  ", text)


@pytest.mark.parametrize(
    ("ci", "scale", "told"),
    [
        ((-0.1, 0.2), "standardised mean difference", "includes 0, the value of no effect"),
        ((0.1, 0.2), "odds ratio", "excludes 1, the value of no effect"),
        ((-0.1, 0.2), "proportion", ""),
    ],
)
def test_the_value_of_no_effect_is_that_of_the_scale(sources, ci, scale, told):
    row = sources.estimates["pain"].iloc[0].to_dict() | {"ci_lb": ci[0], "ci_ub": ci[1], "scale": scale}
    text = overall(row)
    assert told in text
    assert ("value of no effect" in text) == bool(told)


def test_what_could_not_be_pooled_at_all_is_told_with_its_reason():
    row = {
        "k": 1.0,
        "studies": 1.0,
        "participants": 1.0,
        "status": "too_few",
        "reason": "1 study; at least 3 are pooled",
    }
    assert overall(row) == (
        "Of 1 effect from 1 study (1 participant), no pooled estimate was made: 1 study; at least 3 are pooled."
    )
    assert amounts(row | {"k": 2.0}) == "2 effects from 1 study (1 participant)"


def test_a_chi_square_has_one_degree_of_freedom():
    row = {"status": "ok", "reason": "", "groups": 2.0, "QM": 1.0, "df1": 1.0, "df2": float("nan"), "pval": 0.317}
    assert "gave χ²(1) = 1.00, *p* = .317." in between(row | {"R2": float("nan")})


def test_methods_tell_counts_routes_assumptions_and_versions(spec, sources):
    text = methods(spec, sources, VERSIONS)
    assert "holds 5 results of 3 studies" in text
    assert "3 results of 2 studies entered at least one analysis, 2 were left out" in text
    assert "t (2); odds ratio with 95% CI (1)" in text
    assert "as if a logistic variable had been cut in two [@chinn2000] (1 result)." in text
    assert "stands beside unadjusted ones (2 results)." in text
    assert "asked twice (1)" in text
    assert "an assumed correlation of 0.6" in text
    assert "they were left out of the pooled estimates in Pain & reward (1)" in text
    assert "NumPy 2.0.0 [@harris2020] and Snakemake 9.8.0 [@molder2021]" in text
    assert "Effects above the null: more pain; below it: less pain." in text


def test_methods_cite_only_what_was_done_and_what_is_known(spec, sources):
    text = methods(spec, sources, VERSIONS)
    assert set(cited(text)) <= set(known_entries())
    assert "egger1997" in cited(text)
    assert not {"stijnen2010", "knapp2003", "peters2006", "peterson2005", "tobin1958"} & set(cited(text))


def test_univariate_and_counted_models_are_told_with_their_sources(spec, sources):
    frame = sources.estimates["pain"]
    knha = replace(sources, estimates={"pain": frame.assign(model="random effects")})
    assert {"viechtbauer2005", "knapp2003", "viechtbauer2007"} <= set(cited(methods(spec, knha, VERSIONS)))
    glmm = replace(sources, estimates={"pain": frame.assign(model="binomial–normal GLMM", test="t")})
    assert "stijnen2010" in cited(methods(spec, glmm, VERSIONS))


def test_numbers_have_stable_names_texts_and_values(spec, sources):
    numbers = collect(spec, sources)
    assert (numbers["pain.overall.natural"].text, numbers["pain.overall.natural"].value) == ("0.46", 0.456)
    assert numbers["pain.overall.effect"].text == "0.46 [0.18, 0.74]"
    assert numbers["pain.overall.test"].text == "t(4.0) = 4.56, p < .001"
    assert numbers["pain.disorder.between.test"].text == "F(1, 4.3) = 2.55, p = .185"
    assert numbers["pain.disorder.b_2.k"].value == 8
    assert numbers["pain.routes.smd_t"].value == 2
    assert numbers["pain.corrections.trimfill_l0.effect"].text == "0.30 [0.10, 0.50]"
    assert numbers["pain.disorder.c.natural"].text is None
    assert numbers["pain.disorder.c.natural"].reason == "1 study; at least 3 are pooled"
    assert (numbers["rows.read"].value, numbers["studies.included"].value) == (5, 2)
    assert from_json(as_json(numbers)) == numbers


def test_two_strata_that_spell_alike_keep_both_their_numbers(spec, sources):
    frame = sources.estimates["pain"]
    twin = frame.iloc[[2]].assign(stratum="b 2", label="Twin", k=3.0)
    numbers = collect(spec, replace(sources, estimates={"pain": pd.concat([frame, twin])}))
    assert (numbers["pain.disorder.b_2.k"].value, numbers["pain.disorder.b_2_2.k"].value) == (8, 3)


def test_latex_gets_every_number_and_no_bare_special_character(spec, sources):
    text = as_tex(collect(spec, sources))
    assert r"\metacircuit@define{pain.title}{Pain \& reward}" in text
    assert r"\metacircuit@define{pain.overall.natural_pi_lb}{$-$0.31}" in text
    assert "% pain.disorder.c.natural: 1 study; at least 3 are pooled" in text
    body = re.findall(r"define\{[^}]*\}\{(.*)\}$", text, flags=re.M)
    assert not [line for line in body if re.search(r"(?<!\\)[%&#_]", line)]


def test_one_changed_effect_changes_its_sentences_and_nothing_else(spec, sources):
    before = written_parts(spec, sources, VERSIONS)
    frame = sources.estimates["pain"].copy()
    frame.loc[1, ["estimate", "natural"]] = 0.5
    after = written_parts(spec, replace(sources, estimates={"pain": frame}), VERSIONS)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"numbers.json", "numbers.tex", "results.md", "tables.md"}
    lines = [
        new
        for old, new in zip(before["results.md"].split(". "), after["results.md"].split(". "), strict=True)
        if old != new
    ]
    assert len(lines) == 1
    assert r"Disorder A, 0.50 \[0.18, 0.74\]" in lines[0]
