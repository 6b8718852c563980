"""Conversions of test statistics, spreads, ratios and correlations against published examples."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metacircuit.effects.convert import change, clusters, correlation, families, significance, spread, wald

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "convert.json").read_text())
CLOSED_FORM = 1e-10  # formulas without iteration agree to rounding
PRINTED_2, PRINTED_3, PRINTED_4 = 0.006, 0.0006, 0.00006  # half a unit of the last printed digit, and a little


def test_odds_ratio_with_ci_equals_metafor():
    (case,) = (c for c in REFERENCE["cases"] if "conversion" in c)
    y, v = wald.log_ratio(case["input"]["or"], case["input"]["lo"], case["input"]["hi"])
    np.testing.assert_allclose(y, case["yi"], rtol=CLOSED_FORM)
    np.testing.assert_allclose(v, case["vi"], rtol=CLOSED_FORM)


def test_altman_and_bland_ratio_with_p():
    # BMJ 343, d2090 and d2304: a ratio of 0.81 with P = 0.03 has log -0.211 SE about 0.096 (their z is approximate).
    y, v = wald.log_ratio_from_p(0.81, 0.03)
    assert float(y) == pytest.approx(-0.211, abs=PRINTED_3)
    assert float(np.sqrt(v)) == pytest.approx(0.096, abs=0.0015)


def test_cochrane_handbook_standard_deviations():
    # Handbook 6.5.2.2 (a mean with CI 30.0 to 34.2, n = 25) and 6.5.2.3 (difference 3.8, p = 0.008, n = 25 and 22).
    assert float(spread.sd_from_ci(30.0, 34.2, 25)) == pytest.approx(5.09, abs=PRINTED_2)
    assert float(significance.t_from_p(0.008, 45)) == pytest.approx(2.78, abs=PRINTED_2)
    assert float(spread.sd_from_p(3.8, 0.008, 25, 22)) == pytest.approx(4.69, abs=0.01)  # they round the SE to 1.37


def test_sd_from_t_undoes_t():
    sd, n1, n2, difference = 4.2, 30, 21, 2.5
    t = difference / (sd * np.sqrt(1 / n1 + 1 / n2))
    assert float(spread.sd_from_t(-difference, t, n1, n2)) == pytest.approx(sd, rel=CLOSED_FORM)


def test_cochrane_handbook_correlation_of_before_and_after():
    # Handbook 6.5.2.8, both groups of its example.
    assert float(change.pre_post_correlation(6.4, 7.1, 4.5)) == pytest.approx(0.78, abs=PRINTED_2)
    assert float(change.pre_post_correlation(7.0, 6.9, 4.2)) == pytest.approx(0.82, abs=PRINTED_2)


def test_sd_of_change_undoes_the_correlation():
    r = change.pre_post_correlation(6.4, 7.1, 4.5)
    assert float(change.sd_of_change(6.4, 7.1, r)) == pytest.approx(4.5, rel=CLOSED_FORM)


def test_cochrane_handbook_cluster_trial():
    # Handbook 23.1.5: average cluster 29.8, ICC 0.02.
    assert float(clusters.design_effect(29.8, 0.02)) == pytest.approx(1.576, abs=PRINTED_3)
    np.testing.assert_allclose(clusters.effective_n([295, 330], 29.8, 0.02), [187.2, 209.4], atol=0.06)
    np.testing.assert_allclose(clusters.effective_n([63, 84], 29.8, 0.02), [40.0, 53.3], atol=0.06)


def test_shared_control_covariance_of_an_arm_with_itself_is_its_variance():
    # Gleser and Olkin: with one treated group of the control's size the formula is the variance less 1/n of that group.
    n, g = 40, 0.5
    variance = 2 / n + g**2 / (4 * n)
    assert float(clusters.shared_control_covariance(n, g, g, 2 * n)) == pytest.approx(variance - 1 / n, rel=CLOSED_FORM)


def test_esc_examples_of_t_and_f():
    # R package esc 0.5.1: esc_t(t = 3.3, grp1n = 100, grp2n = 150), esc_f(f = 5.5, grp1n = 100, grp2n = 150).
    assert float(significance.d_from_t(3.3, 100, 150)) == pytest.approx(0.4260, abs=PRINTED_4)
    t = significance.t_from_f(5.5)
    assert float(significance.d_from_t(t, 100, 150)) == pytest.approx(0.3028, abs=PRINTED_4)


@pytest.mark.parametrize(("p", "df", "t"), [(0.05, 10, 2.228139), (0.01, 5, 4.032143), (0.001, 120, 3.373454)])
def test_t_from_p_is_in_every_table(p, df, t):
    assert float(significance.t_from_p(p, df)) == pytest.approx(t, abs=1e-6)


@given(st.floats(-30, 30))
@settings(deadline=None)
def test_z_and_p_return(z):
    assert float(significance.z_from_p(significance.p_from_z(z))) == pytest.approx(abs(z), rel=1e-9, abs=1e-9)


@given(st.floats(1e-6, 1.0), st.integers(3, 5000))
@settings(deadline=None)
def test_z_and_p_of_one_test_give_one_t(p, df):
    by_z = significance.t_from_z(significance.z_from_p(p), df)
    assert float(by_z) == pytest.approx(float(significance.t_from_p(p, df)), rel=1e-7, abs=1e-9)


def test_t_from_z_is_z_in_large_samples():
    assert float(significance.t_from_z(-2.5, 1e7)) == pytest.approx(2.5, rel=1e-5)


def test_borenstein_d_of_a_correlation():
    # Borenstein et al. (2009), chapter 7: r = .50 with variance .0058 (n = 98) gives d = 1.1547 with variance .0550.
    d, v = families.d_of_correlation(0.50, 98)
    assert float(d) == pytest.approx(1.1547, abs=PRINTED_4)
    assert float(v) == pytest.approx(0.0550, abs=0.0001)


def test_d_from_r_equals_d_from_the_t_of_r():
    r, n1, n2 = 0.31, 24, 61
    t = r * np.sqrt((n1 + n2 - 2) / (1 - r**2))
    assert float(families.d_from_r(r, n1, n2)) == pytest.approx(
        float(significance.d_from_t(t, n1, n2)), rel=CLOSED_FORM
    )


@given(st.floats(-0.99, 0.99), st.integers(4, 1000))
@settings(deadline=None)
def test_r_and_t_return(r, n):
    t = r * np.sqrt((n - 2) / (1 - r**2))
    assert float(correlation.r_from_t(t, n - 2)) == pytest.approx(r, rel=1e-9, abs=1e-12)


def test_peterson_and_brown():
    # Their rule: r = .98 beta + .05 lambda, lambda 1 for slopes that are not negative.
    np.testing.assert_allclose(correlation.r_from_beta([0.0, 0.4, -0.4]), [0.05, 0.442, -0.392], rtol=CLOSED_FORM)


def test_phi_of_a_printed_chi_square():
    # Balazs et al. (2018) print chi2(1) = 10.643 and phi = .452 for 52 patients.
    assert float(correlation.phi_from_chi2(10.643, 52)) == pytest.approx(0.452, abs=PRINTED_3)


def test_paired_t_on_the_scale_of_groups():
    # Dunlap et al. (1996), equation 3: d = t sqrt(2 (1 - r) / n).
    assert float(change.d_from_paired_t(2.5, 26, 0.8)) == pytest.approx(2.5 * np.sqrt(2 * 0.2 / 26), rel=CLOSED_FORM)


@pytest.mark.parametrize(
    ("ratio", "lower", "upper", "expected"),
    [
        (2.0, 1.29, 3.13, False),
        (1.2, 1.0, 1.4, False),  # one decimal explains it
        (3.61, 2.67, 4.48, True),
        (3.02, 2.57, 3.24, True),
        (0.04, 0.0004, 0.81, True),
    ],
)
def test_lopsided_intervals(ratio, lower, upper, expected):
    assert bool(wald.lopsided(ratio, lower, upper)) is expected
