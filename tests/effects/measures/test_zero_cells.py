"""Which rows get a constant, and which are set aside."""

import numpy as np
import pytest
from metacircuit.effects.escalc import escalc
from metacircuit.effects.measures.problems import EscalcError, UndefinedEffectWarning
from metacircuit.effects.measures.zero_cells import ZeroCells, treat

RULE = ZeroCells(("ai", "ci"), uninformative=(("ai", "ci"),))
COUNTS = {"ai": np.array([0.0, 0.0, 4.0]), "ci": np.array([0.0, 3.0, 5.0])}


@pytest.mark.parametrize(
    ("to", "expected"),
    [("only0", [0.5, 0.5, 4]), ("all", [0.5, 0.5, 4.5]), ("if0all", [0.5, 0.5, 4.5]), ("none", [0, 0, 4])],
)
def test_policies(to, expected):
    assert treat(COUNTS, RULE, None, to, False)[0]["ai"].tolist() == expected


def test_if0all_leaves_tables_without_zeros_alone():
    counts = {"ai": np.array([1.0]), "ci": np.array([2.0])}
    assert treat(counts, RULE, None, "if0all", False)[0]["ai"].tolist() == [1]


def test_drop00_sets_aside_before_anything_is_added():
    counts, aside = treat(COUNTS, RULE, None, "all", True)
    assert aside.tolist() == [True, False, False]
    assert np.isnan(counts["ci"][0])
    assert counts["ci"][1:].tolist() == [3.5, 5.5]


def test_missing_counts_are_not_zeros():
    counts, aside = treat({"ai": np.array([np.nan]), "ci": np.array([0.0])}, RULE, None, "only0", True)
    assert np.isnan(counts["ai"][0])
    assert not aside[0]


def test_a_zero_without_a_policy_is_refused_with_its_row():
    with pytest.raises(EscalcError, match=r"row 1: OR .* ai = 0, .*to='only0'"):
        escalc("OR", ai=[5, 0], bi=[5, 9], ci=[4, 3], di=[6, 7], to="none")


def test_drop00_is_a_request_for_nan_and_says_so():
    with pytest.warns(UndefinedEffectWarning, match=r"drop00 set aside 1 row \(1\)"):
        found = escalc("OR", ai=[5, 0], bi=[5, 9], ci=[4, 0], di=[6, 7], drop00=True)
    assert found["yi"].isna().tolist() == [False, True]


def test_measures_defined_at_zero_add_nothing_unless_told():
    table = {"ai": [0], "bi": [20], "ci": [2], "di": [18]}
    # 1/(4·20) + 1/(4·20), by hand; with ½ in each cell the groups have 21.
    assert escalc("AS", **table)["vi"][0] == pytest.approx(0.025)
    assert escalc("AS", add=0.5, **table)["vi"][0] == pytest.approx(2 / 84)
