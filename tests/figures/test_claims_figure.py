"""Verdicts and published estimates as figures: every claim has its shape, its colour and its words."""

import numpy as np
import pandas as pd
import pytest
from metacircuit.figures.claims import MARKERS, claims_alt, claims_figure, claims_pages, colours_of
from metacircuit.figures.claims_rows import VERDICTS, claim_rows, limits
from metacircuit.figures.published import published_alt, published_figure, published_pages
from metacircuit.figures.render import render
from metacircuit.figures.style import DEFAULT


def row(**changes):
    return {
        "id": "doc.a",
        "statement": "People with it differ from people without it.",
        "source": "doc",
        "topic": "circuits",
        "test": "stratum",
        "direction": "positive",
        "scale": "SMD",
        "sesoi": 0.2,
        "estimate": 0.5,
        "ci_lb": 0.3,
        "ci_ub": 0.7,
        "pi_lb": -0.4,
        "pi_ub": 1.4,
        "level": 95.0,
        "studies": 9.0,
        "verdict": "supported",
    } | changes


NOTHING = dict.fromkeys(("estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub"), np.nan)


@pytest.fixture
def claims():
    return pd.DataFrame(
        [
            row(),
            row(id="doc.b", topic="treatment", verdict="contradicted", estimate=-0.5, ci_lb=-0.7, ci_ub=-0.3),
            row(id="doc.c", verdict="inconclusive", ci_lb=-np.inf, ci_ub=np.inf, direction="two_sided"),
            row(id="doc.d", verdict="not testable", **NOTHING),
            row(
                id="doc.e",
                test="count",
                sesoi=10.0,
                scale="studies",
                direction="negative",
                **NOTHING | {"estimate": 3.0},
            ),
        ]
    )


def test_each_verdict_has_a_shape_and_a_colour_of_its_own():
    colours = colours_of(DEFAULT)
    assert set(MARKERS) == set(colours) == set(VERDICTS)
    assert len(set(MARKERS.values())) == len(set(colours.values())) == len(VERDICTS)


def test_numbers_are_in_multiples_of_the_smallest_effect(claims):
    first = claim_rows(claims)[0]
    assert (first.interval.estimate, first.interval.lower) == pytest.approx((2.5, 1.5))
    assert first.written == "0.50 [0.30, 0.70]"
    assert first.claimed == "doc: above 0.2 SMD"


def test_topics_stay_together_in_the_order_of_their_first_claim(claims):
    assert [r.topic for r in claim_rows(claims)] == ["circuits"] * 4 + ["treatment"]


def test_the_axis_holds_every_estimate_and_the_zone(claims):
    low, high = limits(claim_rows(claims))
    assert low <= -2.5
    assert high >= 2.5
    assert limits([]) == (-2.0, 2.0)


def test_the_figure_draws_and_repeats(claims):
    assert render(claims_figure(claims), "svg") == render(claims_figure(claims), "svg")
    words = render(claims_figure(claims), "svg").decode()
    assert all(verdict in words for verdict in VERDICTS)


def test_many_claims_go_on_further_pages(claims):
    many = pd.concat([claims] * 12, ignore_index=True)
    pages = claims_pages(many)
    assert len(pages) > 1
    assert all(page.get_size_inches()[1] * 25.4 <= 240.5 for page in pages)


def test_the_alternative_text_counts_and_tells(claims):
    text = claims_alt(claims)
    assert text.startswith("Verdicts on 5 claims: 2 supported, 1 contradicted, 1 inconclusive, 1 not testable.")
    assert "Supported, 3 studies." in text


def test_an_unknown_verdict_or_a_missing_column_is_refused(claims):
    with pytest.raises(ValueError, match="unknown verdict 'perhaps'"):
        claims_figure(claims.assign(verdict="perhaps"))
    with pytest.raises(ValueError, match="lacks 'verdict'"):
        claims_figure(claims.drop(columns="verdict"))


def published(**changes):
    return {
        "analysis": "treatment",
        "grouping": "overall",
        "stratum": "overall",
        "label": "All studies",
        "measure": "SMD",
        "citation": "Fox 2015",
        "note": "",
        "published": 0.3,
        "published_lb": 0.2,
        "published_ub": 0.4,
        "estimate": 0.5,
        "ci_lb": 0.1,
        "ci_ub": 0.9,
        "studies": 9.0,
        "level": 95.0,
        "z": 1.0,
        "pval": 0.3,
        "overlap": 1.0,
        "status": "ok",
        "reason": "",
    } | changes


def test_published_estimates_stand_below_ours():
    lost = dict.fromkeys(
        ("published", "published_lb", "published_ub", "estimate", "ci_lb", "ci_ub", "z", "pval"), np.nan
    )
    other = published(citation="Lu 2023", status="not_comparable", reason="outside its interval", **lost)
    table = pd.DataFrame([published(), other])
    words = render(published_figure(table), "svg").decode()
    assert "ours, 9 studies" in words
    assert "Not compared: outside" in words  # broken into lines
    assert "Lu 2023: not compared: outside its interval." in published_alt(table)
    assert len(published_pages(table)) == 1


def test_nothing_that_can_be_drawn_is_still_a_figure():
    lost = dict.fromkeys(("published", "published_lb", "published_ub", "estimate", "ci_lb", "ci_ub"), np.nan)
    table = pd.DataFrame([published(status="no_estimate", reason="not pooled: 2 studies", **lost)])
    assert b"not pooled" in render(published_figure(table), "svg")


def test_one_measure_a_figure():
    with pytest.raises(ValueError, match="on one measure"):
        published_figure(pd.DataFrame([published(), published(measure="OR")]))
