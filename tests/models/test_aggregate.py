"""`aggregate` as metafor's aggregate.escalc (numbers: metafor 3.8-1 on the named data, or a property)."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from metacircuit.models.aggregate import aggregate
from metacircuit.stats.vcalc import vcalc

REFERENCE = Path(__file__).parents[1] / "reference"
ASSINK = pd.DataFrame(json.loads((REFERENCE / "rma_mv.json").read_text())["cases"][0]["datasets"]["assink2016"])
CASES = json.loads((REFERENCE / "rma_mv_struct.json").read_text())["cases"]
ISHAK = pd.DataFrame(next(c for c in CASES if c["id"] == "ishak2007/CS/REML")["data"])
CLOSED = 1e-10  # closed form


def test_plain_means():
    # aggregate(es, cluster = study, rho = .5, struct = "CS", weighted = FALSE)
    table = aggregate(ASSINK, cluster="study", rho=0.5, weighted=False)
    np.testing.assert_allclose(table["yi"][:3], [0.30228333333333, 0.44663333333333, 1.46323], rtol=CLOSED)
    np.testing.assert_allclose(table["vi"][:3], [0.02865575532843, 0.00562479092258, 0.13138042279869], rtol=CLOSED)
    assert table["g"][:3].tolist() == ["general"] * 3


def test_structures_in_time():
    # aggregate(es, cluster = study, time = time, phi = .9, struct = "CAR"); with rho = .3, struct = "CS+CAR"
    car = aggregate(ISHAK, cluster="study", time="time", phi=0.9, struct="CAR")
    np.testing.assert_allclose(car["yi"][:3], [-33.4, -28.1371833225, -21.1], rtol=CLOSED)
    np.testing.assert_allclose(car["vi"][:3], [14.3, 5.6115107887, 7.3], rtol=CLOSED)
    both = aggregate(ISHAK, cluster="study", time="time", phi=0.9, rho=0.3, struct="CS+CAR")
    np.testing.assert_allclose(both["yi"][:3], [-33.4, -29.4084618298, -21.1], rtol=CLOSED)
    np.testing.assert_allclose(both["vi"][:3], [14.3, 5.69365007714, 7.3], rtol=CLOSED)


@pytest.mark.parametrize("weighted", [True, False])
def test_closed_form_and_matrices_agree(weighted):
    V = vcalc("vi", "study", obs=range(len(ASSINK)), rho=0.4, data=ASSINK)
    closed = aggregate(ASSINK, cluster="study", rho=0.4, weighted=weighted)
    for form in (V, V.dense()):
        full = aggregate(ASSINK, cluster="study", V=form, weighted=weighted)
        np.testing.assert_allclose(full[["yi", "vi"]], closed[["yi", "vi"]], rtol=1e-9)


def test_independent_effects_are_inverse_variance_means():
    table = aggregate([1.0, 3.0], [1.0, 3.0], cluster=["a", "a"], struct="ID")
    assert table["yi"].tolist() == [1.5]
    assert table["vi"].tolist() == [0.75]


def test_other_columns_follow():
    data = pd.DataFrame(
        {
            "yi": [0.1, 0.2, 0.3, 0.4],
            "vi": [0.1, 0.1, 0.1, 0.1],
            "study": [7, 3, 7, 7],
            "n": [10, 20, 30, 50],
            "blind": [True, False, True, False],
            "tool": ["b", None, "a", "b"],
            "kind": pd.Categorical(["x", "y", "x", "y"], categories=["y", "x"]),
        }
    )
    table = aggregate(data, cluster="study", rho=0.5, addk=True)
    assert table["study"].tolist() == [7, 3]
    assert table["n"].tolist() == [30.0, 20.0]
    assert table["blind"].tolist() == pytest.approx([2 / 3, 0.0])
    assert table["tool"].tolist()[0] == "b"
    assert pd.isna(table["tool"].tolist()[1])
    assert table["kind"].tolist() == ["x", "y"]
    assert table["ki"].tolist() == [3, 1]


def test_missing_rows_are_left_out_and_listed():
    table = aggregate([0.1, np.nan, 0.3], [0.1, 0.1, 0.2], cluster=["a", "a", "b"], rho=0.5)
    assert table["vi"].tolist() == [0.1, 0.2]
    assert table.attrs["omitted"] == [1]


def test_copies_of_one_estimate_are_one_estimate_under_rho_one():
    table = aggregate([0.3, 0.3, 0.1], [0.04, 0.04, 0.2], cluster=["a", "a", "b"], rho=1)
    assert table["yi"].tolist() == [0.3, 0.1]
    assert table["vi"].tolist() == pytest.approx([0.04, 0.2], rel=1e-15)


def test_one_correlation_for_each_cluster():
    mixed = aggregate(ASSINK, cluster="study", rho={s: 0.2 if s == 1 else 0.7 for s in ASSINK["study"]})
    low, high = (aggregate(ASSINK, cluster="study", rho=r) for r in (0.2, 0.7))
    assert mixed["vi"][0] == low["vi"][0]
    assert mixed["vi"][1:].tolist() == high["vi"][1:].tolist()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "needs rho"),
        ({"rho": 1.2}, "between -1 and 1"),
        ({"rho": [0.1, 0.2]}, "2 values for 17 clusters"),
        ({"rho": 1}, "cluster '1' is not positive definite"),
        ({"struct": "CAR", "phi": 0.5}, "needs time"),
        ({"struct": "car"}, "Did you mean"),
        ({"rho": 0.5, "cluster": "studdy"}, "Did you mean 'study'"),
        ({"rho": 0.5, "cluster": None}, "cluster="),
    ],
)
def test_mistakes_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        aggregate(ASSINK, **({"cluster": "study"} | arguments))
