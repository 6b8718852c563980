"""The rules that turn numbers into verdicts, each at and around its line."""

import math

import pytest
from metacircuit.claims.change import studies_needed
from metacircuit.claims.evidence import Difference
from metacircuit.claims.verdict import (
    judge_between,
    judge_count,
    judge_effect,
    judge_pairs,
    judge_spread,
    weighed,
)

INF = math.inf


def difference(estimate, lower, upper):
    return Difference("a", "b", "a − b", estimate, 0.1, 20.0, 0.04, lower, upper)


@pytest.mark.parametrize(
    ("direction", "lower", "upper", "verdict"),
    [
        ("positive", 0.21, 0.90, "supported"),
        ("positive", 0.20, 0.90, "inconclusive"),
        ("positive", -0.9, 0.20, "inconclusive"),
        ("positive", -0.9, 0.19, "contradicted"),
        ("positive", -0.9, -0.3, "contradicted"),
        ("positive", 0.21, INF, "supported"),
        ("positive", -INF, INF, "inconclusive"),
        ("positive", math.nan, math.nan, "inconclusive"),
        ("negative", -0.90, -0.21, "supported"),
        ("negative", -0.19, 0.9, "contradicted"),
        ("negative", -0.9, 0.1, "inconclusive"),
        ("two_sided", 0.21, 0.9, "supported"),
        ("two_sided", -0.9, -0.21, "supported"),
        ("two_sided", -0.9, 0.1, "inconclusive"),
        ("two_sided", -0.19, 0.19, "contradicted"),
    ],
)
def test_an_effect_is_judged_by_its_interval(direction, lower, upper, verdict):
    assert judge_effect(direction, lower, upper, 0.2).verdict.value == verdict


@pytest.mark.parametrize(
    ("prediction", "verdict"),
    [
        ((-0.19, 0.19), "contradicted"),
        ((-0.21, 0.19), "inconclusive"),
        ((-0.19, 0.2), "inconclusive"),
        ((math.nan, math.nan), "inconclusive"),
    ],
)
def test_no_difference_at_all_is_also_for_the_prediction_interval_to_say(prediction, verdict):
    assert judge_effect("two_sided", -0.1, 0.1, 0.2, prediction).verdict.value == verdict


def test_a_supported_difference_says_if_single_populations_go_either_way():
    judged = judge_effect("two_sided", 0.3, 0.5, 0.2, (-0.6, 1.4))
    assert judged.verdict.value == "supported"
    assert "either way" in judged.reason
    assert "either way" not in judge_effect("two_sided", 0.3, 0.5, 0.2, (0.0, 1.4)).reason


def test_all_pairs_are_needed_for_a_claim_and_one_is_enough_against_it():
    up, open_, down = difference(0.6, 0.3, 0.9), difference(0.3, -0.1, 0.7), difference(-0.3, -0.7, 0.1)
    assert judge_pairs("positive", [up, up], 0.2).verdict.value == "supported"
    assert judge_pairs("positive", [up, open_], 0.2).verdict.value == "inconclusive"
    assert judge_pairs("positive", [up, open_, down], 0.2).verdict.value == "contradicted"


def test_strata_differ_by_their_joint_test_and_by_size():
    wide, small, none = difference(0.6, 0.1, 1.1), difference(0.15, 0.1, 0.2), difference(0.0, -0.1, 0.1)
    assert judge_between(0.01, 0.05, [wide, none], 0.2).verdict.value == "supported"
    assert judge_between(0.20, 0.05, [wide, none], 0.2).verdict.value == "inconclusive"
    assert judge_between(0.01, 0.05, [small, none], 0.2).verdict.value == "inconclusive"
    assert judge_between(0.01, 0.05, [none, none], 0.2).verdict.value == "contradicted"
    assert judge_between(0.01, 0.005, [wide], 0.2).verdict.value == "inconclusive"


def test_spread_and_count():
    assert [judge_spread("positive", *i, 0.2).verdict.value for i in ((0.3, 0.9), (0.0, 0.1), (0.1, 0.9))] == [
        "supported",
        "contradicted",
        "inconclusive",
    ]
    assert judge_spread("negative", 0.0, 0.1, 0.2).verdict.value == "supported"
    assert judge_spread("positive", math.nan, math.nan, 0.2).verdict.value == "inconclusive"
    assert [judge_count("positive", n, 10).verdict.value for n in (9, 10)] == ["contradicted", "supported"]


@pytest.mark.parametrize("certainty", ["high", "moderate", "low"])
def test_very_low_certainty_alone_takes_a_verdict_back(certainty):
    judged = judge_effect("positive", 0.3, 0.9, 0.2)
    assert weighed(judged, certainty) == judged
    taken = weighed(judged, "very low")
    assert (taken.verdict.value, taken.by_numbers.value) == ("inconclusive", "supported")
    assert "very low" in taken.reason
    unrated = weighed(judged, "")
    assert (unrated.verdict, unrated.reason) == (judged.verdict, f"{judged.reason} The certainty is not rated.")
    open_ = judge_effect("positive", 0.1, 0.9, 0.2)
    assert weighed(open_, "very low") == open_


def test_studies_needed_shrink_the_interval_to_the_gap():
    n = studies_needed(0.1, 0.2, 10, 95)
    assert 1.959964 * 0.2 * math.sqrt(10 / n) <= 0.1 < 1.959964 * 0.2 * math.sqrt(10 / (n - 1))
