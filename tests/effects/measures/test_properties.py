"""What must hold whatever the numbers are: exchange of groups, change of unit, agreement between routes."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from metacircuit.effects.escalc import escalc
from metacircuit.effects.measures import rates, table_association, two_means, two_proportions, variability
from metacircuit.effects.measures.definitions import DIFFERENCES

means = st.floats(0.5, 100)
spreads = st.floats(0.5, 50)
sizes = st.integers(3, 500)
counts = st.integers(1, 300)
group = st.tuples(means, spreads, sizes)
scales = st.floats(0.01, 100)
# Sums of four-digit numbers lose some of the 16.
ROUNDING = {"rel": 1e-9, "abs": 1e-11}


@pytest.mark.parametrize(
    "measure", [two_means.md, two_means.smd, two_means.smdh, variability.rom, variability.cvr], ids=lambda f: f.__name__
)
@given(one=group, two=group)
@settings(deadline=None)
def test_swapping_groups_flips_the_sign_and_keeps_the_variance(measure, one, two):
    there, back = measure(*one, *two), measure(*two, *one)
    assert back.yi == pytest.approx(-there.yi, **ROUNDING)
    assert back.vi == pytest.approx(there.vi, **ROUNDING)


@given(one=group, two=group)
@settings(deadline=None)
def test_swapping_groups_of_the_variability_ratio(one, two):
    there, back = variability.vr(*one[1:], *two[1:]), variability.vr(*two[1:], *one[1:])
    assert back.yi == pytest.approx(-there.yi, **ROUNDING)
    assert back.vi == pytest.approx(there.vi, **ROUNDING)


@pytest.mark.parametrize(
    "measure",
    [
        two_proportions.log_risk_ratio,
        two_proportions.log_odds_ratio,
        two_proportions.risk_difference,
        two_proportions.arcsine_difference,
        two_proportions.peto_log_odds_ratio,
        table_association.phi,
        table_association.yule_q,
        table_association.yule_y,
        rates.log_rate_ratio,
        rates.rate_difference,
        rates.root_rate_difference,
    ],
    ids=lambda f: f.__name__,
)
@given(a=counts, b=counts, c=counts, d=counts)
@settings(deadline=None)
def test_swapping_rows_of_counts(measure, a, b, c, d):
    there, back = measure(a, b, c, d), measure(c, d, a, b)
    assert back.yi == pytest.approx(-there.yi, **ROUNDING)
    assert back.vi == pytest.approx(there.vi, **ROUNDING)


@pytest.mark.parametrize(
    "measure", [two_means.smd, two_means.smdh, variability.rom, variability.cvr], ids=lambda f: f.__name__
)
@given(one=group, two=group, scale=scales)
@settings(deadline=None)
def test_the_unit_of_the_scale_does_not_matter(measure, one, two, scale):
    rescaled = [(m * scale, sd * scale, n) for m, sd, n in (one, two)]
    before, after = measure(*one, *two), measure(*rescaled[0], *rescaled[1])
    assert after.yi == pytest.approx(before.yi, **ROUNDING)
    assert after.vi == pytest.approx(before.vi, **ROUNDING)


@given(one=group, two=group, scale=scales, shift=st.floats(-50, 50))
@settings(deadline=None)
def test_mean_difference_follows_the_unit_and_forgets_the_origin(one, two, scale, shift):
    moved = [(m * scale + shift, sd * scale, n) for m, sd, n in (one, two)]
    before, after = two_means.md(*one, *two), two_means.md(*moved[0], *moved[1])
    assert after.yi == pytest.approx(scale * before.yi, rel=1e-8, abs=1e-9)
    assert after.vi == pytest.approx(scale**2 * before.vi, **ROUNDING)


@given(one=group, two=group)
@settings(deadline=None)
def test_t_from_the_means_gives_the_same_g(one, two):
    (m1, sd1, n1), (m2, sd2, n2) = one, two
    t = (m1 - m2) / (two_means.pooled_sd(sd1, n1, sd2, n2) * np.sqrt(1 / n1 + 1 / n2))
    by_means = escalc("SMD", m1i=m1, sd1i=sd1, n1i=n1, m2i=m2, sd2i=sd2, n2i=n2)
    by_t = escalc("SMD", ti=t, n1i=n1, n2i=n2)
    np.testing.assert_allclose(by_t, by_means, rtol=1e-9, atol=1e-12)


@given(d=st.floats(-3, 3), n1=sizes, n2=sizes)
@settings(deadline=None)
def test_point_biserial_returns_to_d(d, n1, n2):
    r = escalc("RPB", di=d, n1i=n1, n2i=n2)["yi"]
    assume(abs(r[0]) < 1)
    again = escalc("SMD", ri=r, n1i=n1, n2i=n2, correct=False)["yi"][0]
    assert again == pytest.approx(d, rel=1e-9, abs=1e-12)


@given(a=counts, b=counts, c=counts, d=counts)
@settings(deadline=None)
def test_odds_ratio_returns_from_d(a, b, c, d):
    # 1.65 and pi/sqrt(3) each way: the log odds ratio comes back, and its part of the variance with it.
    table = {"ai": a, "bi": b, "ci": c, "di": d}
    log_odds = escalc("OR", **table)
    for to_d, factor in (("OR2DL", np.pi / np.sqrt(3)), ("OR2DN", 1.65)):
        as_d = escalc(to_d, **table)
        assert as_d["yi"][0] * factor == pytest.approx(log_odds["yi"][0], **ROUNDING)
        assert as_d["vi"][0] * factor**2 == pytest.approx(log_odds["vi"][0], **ROUNDING)


def test_the_table_of_differences_is_true():
    two = {"m1i": [24.7], "sd1i": [3.0], "n1i": [21], "m2i": [26.7], "sd2i": [4.0], "n2i": [16]}
    paired = {"m1i": [29.8], "sd1i": [4.5], "m2i": [23.4], "sd2i": [3.0], "ri": [0.8], "ni": [25]}
    partial = {"ti": [3.0], "mi": [6], "ni": [47]}
    for difference in DIFFERENCES:
        code = difference.measure
        columns = partial if code.endswith("PCOR") else paired if code.endswith("C") or code == "SMCRH" else two
        here, there = (escalc(code, definition=name, **columns) for name in ("metafor-5", difference.definition))
        assert not np.allclose(here, there, rtol=1e-6), difference
