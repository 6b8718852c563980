"""`vcalc` as metafor's vcalc: numbers from metafor 3.8-1 in R 4.2, the call beside each."""

import numpy as np
import pandas as pd
import pytest
from metacircuit.stats.multilevel.blocks import Blocks
from metacircuit.stats.vcalc import VcalcWarning, vcalc

DATA = pd.DataFrame(
    {
        "study": [1, 1, 1, 2, 2, 2, 3, 3, 3, 4],
        "vi": [0.1, 0.2, 0.15, 0.3, 0.1, 0.12, 0.2, 0.22, 0.05, 0.4],
        "type": list("abaabbaabb"),
        "obs": [1, 1, 2, 1, 1, 2, 1, 2, 1, 3],
        "t1": [1, 2, 3, 1, 2, 4, 1, 2, 3, 1],
        "t2": [1, 2, 3, 2, 2, 4, 1, 1, 3, 1],
        "g1": list("xyzxyxxyzq"),
        "g2": list("cccccyccxr"),
        "n1": [10, 12, 20, 30, 11, 14, 20, 22, 21, 9],
        "n2": [15, 15, 15, 20, 20, 11, 30, 30, 20, 8],
    }
)


def correlations(**options):
    """The correlations below the diagonal within studies 1, 2 and 3: (2,1), (3,1), (3,2) of each."""
    V = vcalc("vi", "study", data=DATA, checkpd=False, **options)
    assert isinstance(V, Blocks)
    dense = V.dense()
    R = dense / np.sqrt(np.outer(DATA["vi"], DATA["vi"]))
    assert np.diag(dense) == pytest.approx(DATA["vi"].to_numpy())
    return [R[i + a, i + b] for i in (0, 3, 6) for a, b in ((1, 0), (2, 0), (2, 1))]


def test_constructs():
    # vcalc(vi, cluster = study, type = type, rho = .6): other constructs .6, the same construct 1
    assert correlations(type="type", rho=0.6) == pytest.approx([0.6, 1, 0.6, 0.6, 0.6, 1, 1, 0.6, 0.6])


def test_measurements():
    assert correlations(obs="obs", rho=0.5) == pytest.approx([1, 0.5, 0.5, 1, 0.5, 0.5, 0.5, 1, 0.5])


def test_measurements_of_constructs():
    # rho = c(.6, .4): within a construct .6, between constructs .4
    got = correlations(type="type", obs="obs", rho=[0.6, 0.4])
    assert got == pytest.approx([0.4, 0.6, 0.4, 0.4, 0.4, 0.6, 0.6, 0.4, 0.4])


def test_time():
    phi = 0.8
    assert correlations(time1="t1", phi=phi) == pytest.approx([phi, phi**2, phi, phi, phi**3, phi**2, phi, phi**2, phi])


def test_a_shared_control_has_the_correlation_of_its_share():
    # Gleser and Olkin (2009): the control's part of the variance of each difference, sqrt of the product.
    def part(n1, n2):
        return (1 / n2) / (1 / n1 + 1 / n2)

    got = correlations(grp1="g1", grp2="g2", w1="n1", w2="n2")
    assert got[0] == pytest.approx(np.sqrt(part(10, 15) * part(12, 15)))
    assert got[2] == pytest.approx(np.sqrt(part(12, 15) * part(20, 15)))
    # x - c and x - y share group 1: (1/n_x) over the two standard deviations; here the sizes of x differ, 30 and 14.
    assert got[4] == pytest.approx(np.sqrt(1 / (30 * 14)) / np.sqrt((1 / 30 + 1 / 20) * (1 / 14 + 1 / 11)))


R_GROUPS_AND_TIMES = [
    0.14757295747452,
    0.23426480742954,
    0.17638342073764,
    0.23070718768953,
    0.071948286984472,
    -0.29452641044839,
    0.41137667560372,
    -0.13581865599789,
    0,
]


def test_everything_at_once():
    # vcalc(vi, cluster = study, grp1, grp2, w1 = n1, w2 = n2, time1 = t1, time2 = t2, phi = .7, type = type, rho = .5)
    got = correlations(grp1="g1", grp2="g2", w1="n1", w2="n2", time1="t1", time2="t2", phi=0.7, type="type", rho=0.5)
    np.testing.assert_allclose(got, R_GROUPS_AND_TIMES, rtol=1e-9)


def test_subgroups_are_independent():
    got = correlations(subgroup="type", obs="obs", rho=0.6)
    assert got == pytest.approx([0, 0.6, 0, 0, 0, 0.6, 0.6, 0, 0])


def test_correlations_by_name():
    rho = pd.DataFrame([[1, 0.3], [0.3, 1]], index=["b", "a"], columns=["b", "a"])
    assert correlations(type="type", rho=rho) == correlations(type="type", rho=0.3)
    assert correlations(type="type", rho=rho.to_numpy()) == correlations(type="type", rho=0.3)


def test_the_nearest_correlation_matrix():
    # vcalc(vi, cluster = study, type = type, rho = R, nearpd = TRUE); nearPD of Matrix stops at 1e-7
    R = pd.DataFrame([[1, 0.9, -0.5], [0.9, 1, 0.6], [-0.5, 0.6, 1]], index=list("abc"), columns=list("abc"))
    V = vcalc([1, 1, 1], [1, 1, 1], type=list("abc"), rho=R, nearpd=True).dense()
    np.testing.assert_allclose(V[np.tril_indices(3, -1)], [0.6952386046, -0.3432984856, 0.4364218145], atol=1e-5)
    with pytest.warns(VcalcWarning, match="cluster 1 are not positive definite"):
        vcalc([1, 1, 1], [1, 1, 1], type=list("abc"), rho=R)


def test_matrices_in_columns():
    data = pd.DataFrame({"study": [1, 1, 2], "vi": [1.0, 4.0, 9.0], "r1": [1.0, 0.3, 1.0], "r2": [0.0, 1.0, 0.0]})
    V = vcalc("vi", "study", rvars=["r1", "r2"], data=data).dense()
    np.testing.assert_allclose(V, [[1, 0.6, 0], [0.6, 4, 0], [0, 0, 9]])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"type": "type"}, "rho= is needed"),
        ({"time1": "t1"}, "needs phi="),
        ({"time1": "t1", "phi": 1.4}, "between -1 and 1"),
        ({"type": "type", "rho": 1.4}, "between -1 and 1"),
        ({"type": "type", "obs": "obs", "rho": 0.5}, "is a pair"),
        ({"type": "type", "rho": pd.DataFrame([[1.0]], index=["a"], columns=["a"])}, "no row for type 'b'"),
        ({"grp2": "g2"}, "grp2 needs grp1"),
        ({"time1": "type", "phi": 0.5}, "must be numbers"),
        ({"type": "typ", "rho": 0.5}, "no such column"),
        ({"grp1": "g2", "grp2": "g2"}, "compares a group with itself"),
        ({"rvars": ["n1"]}, "the largest cluster has 3"),
    ],
)
def test_mistakes_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        vcalc("vi", "study", data=DATA, **options)
