"""Groups of an analysis: interaction, variances, equivalence and power against other ways to the same numbers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from metacircuit.config import HeterogeneitySlice, UserError, parse_settings
from metacircuit.config.heterogeneity import Heterogeneity, smallest_effect
from metacircuit.diagnostics.heterogeneity.cells import cells
from metacircuit.diagnostics.heterogeneity.data import coded, fit_che
from metacircuit.diagnostics.heterogeneity.equivalence import equivalence, tost
from metacircuit.diagnostics.heterogeneity.interaction import interaction, interactions
from metacircuit.diagnostics.heterogeneity.permutation import permute_studies
from metacircuit.diagnostics.heterogeneity.power import Evidence, simulate_power
from metacircuit.diagnostics.heterogeneity.run import compare_groups
from metacircuit.diagnostics.heterogeneity.variances import DIAGONAL, SCALE, variances
from scipy import special

CLOSED = 1e-9
# Standard errors of a simulated share; five of them are a failure in two million.
FAR = 5


def spec(groupings=("a:b",), measure="SMD", **more):
    analysis = {"title": "T", "measure": measure, "groupings": list(groupings)} | more
    raw = {"review": "r", "title": "T", "summary": "S", "data": "data/r", "analyses": {"main": analysis}}
    import yaml

    return HeterogeneitySlice.of(parse_settings(yaml.safe_dump(raw), source="x"), "main")


def effects(studies=24, per_study=2, seed=1, shift=0.0, cells_of=(("p", "q"), ("x", "y"))):
    """Balanced cells; `shift` is the interaction."""
    random, rows = np.random.default_rng(seed), []
    for j in range(studies):
        a, b = cells_of[0][j % 2], cells_of[1][(j // 2) % 2]
        u = random.normal(0, 0.2)
        for _ in range(per_study):
            mean = 0.3 + 0.2 * (a == "q") + shift * (a == "q" and b == "y") + u
            rows.append((f"s{j:02d}", mean + random.normal(0, 0.3), 0.05, "analysed", a, b))
    return pd.DataFrame(rows, columns=["study_id", "yi", "vi", "status", "a", "b"])


def test_enough_studies_in_every_cell_are_tested_by_htz():
    row = interaction(effects(), "a:b", spec())
    assert (row["test"], row["status"], row["thin_cells"], row["df1"]) == ("HTZ", "ok", 0, 1)
    rows = coded(effects(), ["a", "b"])
    robust = fit_che(rows, spec().model, "~ a * b").robust("CR2")
    # One coefficient: the joint test is the square of its t.
    assert row["QM"] == pytest.approx(float(robust.stat[-1]) ** 2, rel=CLOSED)
    assert row["pval"] == pytest.approx(float(robust.pval[-1]), rel=1e-8)


def test_thin_cells_are_tested_by_permutation_and_say_so():
    table = effects()
    thin = table[~((table.a == "q") & (table.b == "y")) | (table.study_id == "s03")]
    row = interaction(thin, "a:b", spec())
    assert row["test"] == "permutation of studies"
    assert "1 of 4 cells have fewer than 3 studies" in row["reason"]
    assert row["pval"] == row["pval_permutation"]
    assert row == interaction(thin, "a:b", spec())  # seeded by name


def test_an_interaction_is_found_and_explains_heterogeneity():
    row = interaction(effects(studies=40, shift=2.0), "a:b", spec())
    assert row["pval"] < 1e-4
    assert row["pval_permutation"] < 0.01
    assert row["R2"] > 50
    assert row["tau2"] < row["tau2_additive"] <= row["tau2_none"] * 1.05


@pytest.mark.parametrize(
    ("table", "status"),
    [
        (effects()[lambda d: d.b == "x"], "too_few"),
        (effects()[lambda d: (d.a == "p") == (d.b == "x")], "not_estimable"),
        (effects(studies=4, per_study=1), "not_estimable"),
        (effects().iloc[:0], "too_few"),
    ],
    ids=["one word", "no crossing", "saturated", "no rows"],
)
def test_an_interaction_that_cannot_be_tested_has_a_reason(table, status):
    row = interaction(table, "a:b", spec())
    assert row["status"] == status
    assert row["reason"]


def test_few_arrangements_are_all_tried():
    table = effects(studies=5, per_study=1)
    rows = coded(table, ["a", "b"])
    additive, full = fit_che(rows, spec().model, "~ a + b"), fit_che(rows, spec().model, "~ a * b")
    found = permute_studies(additive.fit, full.fit.inputs.X, draws=10_000, seed=1)
    # 5 studies of one size: 5! orders, 2^5 signs.
    assert (found.arrangements, found.exact) == (120 * 32, True)
    drawn = permute_studies(additive.fit, full.fit.inputs.X, draws=3000, seed=1)
    assert not drawn.exact
    assert abs(drawn.pval - found.pval) < FAR * np.sqrt(0.25 / 3000)


def test_the_permutation_test_keeps_its_size_where_cells_are_thin():
    """Residuals without the adjustment of CR2 reject a third of true null hypotheses in the shipped review's design."""
    random = np.random.default_rng(7)
    table = effects(studies=14, per_study=1)
    pairs = zip([*"ppppqqqqrrrss"[:13], "s"], [*"xyzxyzxyzxyxy"[:13], "z"], strict=True)
    table[["a", "b"]] = list(pairs)
    rows, pvals = coded(table, ["a", "b"]), []
    additive, full = fit_che(rows, spec().model, "~ a + b").fit, fit_che(rows, spec().model, "~ a * b")
    for _ in range(200):
        # The variances stay: a common scale is no part of the statistic.
        drawn = replace(additive, inputs=replace(additive.inputs, y=random.normal(0, 0.3, len(rows))))
        pvals.append(permute_studies(drawn, full.fit.inputs.X, draws=199, seed=1).pval)
    share = np.mean(np.array(pvals) <= 0.05)
    assert share < 0.05 + FAR * np.sqrt(0.05 * 0.95 / 200)


def test_two_one_sided_tests_agree_with_the_interval():
    random = np.random.default_rng(3)
    for estimate, se in zip(random.normal(0, 0.2, 50), random.uniform(0.01, 0.2, 50), strict=True):
        found = tost(estimate, se, 12.0, 0.2, 95)
        inside = found["ci_lb"] > -0.2 and found["ci_ub"] < 0.2
        assert (found["verdict"] == "equivalent") == inside
    assert tost(0.9, 0.1, 20, 0.2, 95)["verdict"] == "relevant"
    assert tost(0.1, 0.1, 20, 0.2, 95)["verdict"] == "inconclusive"


def test_pairs_of_groups_are_the_robust_contrasts():
    (row,) = equivalence(effects(), "a", spec(["a"]), {})
    fit = fit_che(coded(effects(), ["a"]), spec().model, "~ a").robust("CR2")
    assert row["estimate"] == pytest.approx(float(fit.beta[1]), rel=1e-7)
    assert row["se"] == pytest.approx(float(fit.se[1]), rel=1e-6)
    assert row["df"] == pytest.approx(float(fit.df[1]), rel=1e-6)


def test_pairs_without_studies_or_smallest_effect_say_so():
    table = effects()
    table.loc[table.study_id == "s00", "a"] = "rare"
    rows = {(r["first"], r["second"]): r for r in equivalence(table, "a", spec(["a"]), {})}
    assert rows["p", "rare"]["status"] == "too_few"
    assert rows["p", "q"]["status"] == "ok"
    (row,) = equivalence(effects(), "a", spec(["a"], measure="MD"), {})
    assert (row["status"], row["verdict"]) == ("no_sesoi", "not tested")
    assert np.isfinite(row["pval"])


def test_a_group_without_spread_leaves_the_likelihood_ratio():
    table = effects(studies=16, per_study=1)
    table["a"] = np.where(np.arange(16) < 8, "flat", "wide")
    table.loc[table.a == "flat", "yi"] = 0.3 + 0.01 * np.arange(8)
    table.loc[table.a == "wide", "yi"] = np.linspace(-2, 2, 8)
    rows = {r["stratum"]: r for r in variances(table, "a", spec(["a"]), {}) if r["model"] == SCALE}
    assert rows["flat"]["tau2"] == 0.0
    assert rows["flat"]["status"] == "boundary"
    assert np.isnan(rows["wide"]["QS"])
    assert rows["wide"]["pval_lrt"] < 0.001
    diagonal = {r["stratum"]: r for r in variances(table, "a", spec(["a"]), {}) if r["model"] == DIAGONAL}
    # One effect a study: the two models are one.
    assert diagonal["wide"]["tau2"] == pytest.approx(rows["wide"]["tau2"], rel=1e-4)
    assert diagonal["wide"]["LRT"] == pytest.approx(rows["wide"]["LRT"], abs=1e-3)


@pytest.mark.parametrize(("studies", "effect"), [(5, 0.2), (12, 0.2), (40, 0.1)])
def test_power_of_like_studies_is_that_of_a_t_test(studies, effect):
    evidence = Evidence(between=0.02, within=0.01, rho=0.6, variance=0.04, effects=3)
    # The variance of a study's mean, written out.
    mean = 0.02 + (0.01 + 0.4 * 0.04) / 3 + 0.6 * 0.04
    df, shift = studies - 1, effect * np.sqrt(studies / mean)
    reach = special.stdtrit(df, 0.975)
    exact = 1 - special.nctdtr(df, shift, reach) + special.nctdtr(df, shift, -reach)
    found = simulate_power([evidence.typical] * studies, evidence, effect=effect, level=95, replicates=20_000, seed=1)
    assert found.df == pytest.approx(df, rel=CLOSED)
    assert abs(found.power - exact) < FAR * found.mcse


def test_without_an_effect_power_is_the_size_also_for_unlike_studies():
    evidence = Evidence(between=0.05, within=0.02, rho=0.6, variance=0.04, effects=2)
    studies = [np.full(n, v) for n, v in ((1, 0.01), (4, 0.09), (2, 0.04), (3, 0.2), (1, 0.05), (6, 0.03), (2, 0.1))]
    found = simulate_power(studies, evidence, effect=0.0, level=95, replicates=40_000, seed=1)
    # Satterthwaite's t is an approximation: within a fifth of the nominal level.
    assert abs(found.power - 0.05) < 0.01


def test_every_cell_has_a_power_the_empty_ones_too():
    words = {"a": pd.DataFrame({"id": ["p", "q", "none yet"], "label": ["P", "Q", "None yet"]})}
    table = cells(effects(), spec(), words)
    assert len(table) == 3 * 2
    empty = table[table["stratum"].str.startswith("none yet")]
    assert (empty["power"] == 0).all()
    assert (empty["status"] == "ok").all()
    assert (table["power_then"] >= 0.8).all()
    assert (table["power_mcse"] < 0.01).all()
    full = table[table["stratum"] == "p:x"].iloc[0]
    assert full["further"] < empty["further"].iloc[0]
    assert full["label"] == "P × x"


def test_the_search_for_further_studies_ends():
    few = spec(heterogeneity={"sesoi": 0.01, "most_studies": 10})
    table = cells(effects(), few, {})
    assert (table["status"] == "not_reached").all()
    assert table["reason"].str.contains("more than 10 further studies for 80% power").all()


@pytest.mark.parametrize("measure", ["PLO", "MD"])
def test_measures_without_a_test_against_zero_say_so(measure):
    table = cells(effects(), spec(measure=measure), {})
    assert set(table["status"]) == {"no_sesoi"}


def test_a_wrong_smallest_effect_is_named_when_the_config_is_read():
    with pytest.raises(UserError, match=r"sesoi of OR is a ratio above 1 .* not 0.2 \(analysis main\)"):
        spec(measure="OR", heterogeneity={"sesoi": 0.2})
    assert smallest_effect("ZCOR", Heterogeneity(sesoi=0.3)) == pytest.approx(np.arctanh(0.3), rel=CLOSED)


def test_a_messy_analysis_gives_all_tables():
    """One effect a study, words that look like numbers, blanks, one study in two groups."""
    table = effects(studies=9, per_study=1).assign(a=["1", "1", "1", "2", "2", "2", "", "3", "1"])
    table.loc[8, "study_id"] = "s03"
    made = compare_groups(table, spec(["a", "a:b"]), {})
    assert list(made) == ["interaction", "variances", "equivalence", "power"]
    for frame in made.values():
        assert frame["status"].notna().all()
    with pytest.raises(UserError, match="no column c"):
        compare_groups(table, spec(["c"]), {})
    assert interactions(table, spec(["a"])).empty


def test_what_cannot_be_fitted_is_a_status_and_no_traceback():
    table = effects()
    # Two effects without sampling error in one study: V has no inverse, and the location–scale model refuses zeros.
    table.loc[[0, 1], "vi"] = 0.0
    made = compare_groups(table, spec(["a", "a:b"]), {})
    assert all(frame["status"].notna().all() for frame in made.values())
    scale = made["variances"].query("model == @SCALE")
    assert set(scale["status"]) == {"not_estimable"}
    assert scale["reason"].str.contains("above zero").all()
