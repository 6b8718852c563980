"""Changes in the same people are not differences between groups."""

import numpy as np
import pandas as pd
import pytest
from metacircuit.effects.harmonise import harmonise

CLOSED_FORM = 1e-10  # formulas without iteration agree to rounding
# metafor 3.8-1: escalc("SMCR", m1i=20, sd1i=5, m2i=16, sd2i=5, ri=.5, ni=30); escalc("SMCC", ...) gives the same.
G, V = 0.77909998767738, 0.0434499465133149
# ... and with ri=.7, sd2i=6
V_OF_R_7 = 0.0301166131799816


def _one(measure="SMD", /, *, options=None, **cells):
    row = {"effect_id": "x", "contrast": "pre_post", **cells}
    return harmonise(pd.DataFrame([row]), measure, **(options or {})).iloc[0]


def test_means_equal_metafor_smcr():
    cells = {"mean1": 20, "sd1": 6, "mean2": 16, "sd2": 5, "n1": 30}
    found = _one(**cells)
    assert found["route"] == "smd.paired_means_sd"
    assert found["yi"] == pytest.approx(G, rel=CLOSED_FORM)
    assert found["vi"] == pytest.approx(V, rel=CLOSED_FORM)
    assert "correlation of 0.5" in found["assumptions"]
    other = _one(**cells, options={"pre_post_r": 0.7})
    assert other["vi"] == pytest.approx(V_OF_R_7, rel=CLOSED_FORM)
    assert "correlation of 0.7" in other["assumptions"]


def test_paired_t_at_one_half_equals_metafor_smcc():
    # The SD of the change is 5 at r = .5, so t = 4 / (5 / sqrt(30)).
    t = 4 / (5 / np.sqrt(30))
    for cells in ({"t": t}, {"f": t**2, "df1": 1, "direction": 1}, {"d": 0.8}, {"g": G}):
        found = _one(**cells, n_total=30)
        assert found["yi"] == pytest.approx(G, rel=CLOSED_FORM), cells
        assert found["vi"] == pytest.approx(V, rel=CLOSED_FORM), cells


def test_a_higher_correlation_makes_the_same_t_a_smaller_change():
    r = 0.8
    found = _one(t=3.0, n1=25, options={"pre_post_r": r})
    at_half = _one(t=3.0, n1=25)
    assert found["yi"] / at_half["yi"] == pytest.approx(np.sqrt(2 * (1 - r)), rel=CLOSED_FORM)


def test_counts_equal_metafor_mpor():
    # metafor 3.8-1: escalc("MPOR", ai=100, bi=14, ci=89, di=904), whose phi is 0.6361529427208822.
    found = _one("OR", events1=114, total1=1107, events2=189, total2=1107, options={"pre_post_r": 0.6361529427208822})
    assert found["route"] == "or.paired_counts"
    assert found["yi"] == pytest.approx(-0.584081840089829, rel=CLOSED_FORM)
    assert found["vi"] == pytest.approx(0.0061094524910899, rel=CLOSED_FORM)


def test_independent_formulas_are_never_used():
    found = _one(t=2.5, n1=30, n2=30)
    assert found["route"] == "smd.paired_t"
    assert found["participants"] == 30
    assert _one(r=0.4, n_total=30)["status"] == "problem"


def test_what_cannot_be_paired_says_why():
    one_group = _one(events1=6, total1=7, direction=1)
    assert (one_group["status"], one_group["reason"]) == (
        "problem",
        "counts before and after: events2 and total2 are missing",
    )
    assert "n1 (or n_total) is missing" in _one(p=0.03, p_op="=", direction=1)["reason"]
    assert "same total" in _one(events1=6, total1=20, events2=9, total2=22)["reason"]
    assert "no route to ZCOR" in _one("ZCOR", t=2.5, n_total=30)["reason"]


def test_bounds_use_the_paired_degrees_of_freedom():
    # R 4.2.2: qt(1 - .01 / 2, 42) = 2.698066; J(42) = 0.98204; d = t / sqrt(43) at r = .5.
    found = _one(p=0.01, p_op="<", n1=43, direction=-1, scale_direction=-1)
    assert found["status"] == "bound"
    assert found["lower"] == pytest.approx(2.698066 / np.sqrt(43) * 0.98204, abs=1e-5)
    assert found["upper"] == np.inf
