"""The catalogue of routes: complete, named once, and documented by itself."""

import pytest
from metacircuit.effects.routes import FLAGS, PRINTED, ROUTES, order_table, route, routes_for
from metacircuit.effects.routes.columns import MADE
from metacircuit.effects.routes.spec import KINDS

EVERY = [each for routes in ROUTES.values() for each in routes]


def test_names_are_unique_and_begin_with_their_measure():
    names = [each.id for each in EVERY]
    assert len(set(names)) == len(names)
    assert all(each.id.startswith(f"{each.measure.lower()}.") for each in EVERY)


@pytest.mark.parametrize("each", EVERY, ids=lambda each: each.id)
def test_a_route_is_fully_described(each):
    assert all((each.label, each.formula, each.source, each.why, each.version))
    assert set(each.needs) <= {*PRINTED, *MADE}
    assert set(each.serves) <= set(KINDS)
    assert {*each.flags, *(code for code, _ in each.notices)} <= {flag.code for flag in FLAGS}
    assert any(character.isdigit() for character in each.source), "a source has a year"


def test_a_sentence_has_no_semicolon_for_it_separates_sentences():
    assert [flag.code for flag in FLAGS if ";" in flag.sentence] == []


def test_the_definition_itself_comes_first_and_a_p_last():
    firsts = {"SMD": "smd.means_sd", "OR": "or.counts", "ZCOR": "zcor.r", "PLO": "plo.counts"}
    assert {measure: ROUTES[measure][0].id for measure in firsts} == firsts
    order = [each.id for each in ROUTES["SMD"]]
    assert order.index("smd.or_ci") < order.index("smd.p")
    assert order.index("smd.t") < order.index("smd.d") < order.index("smd.z") < order.index("smd.p")


def test_the_table_has_a_row_for_each_route():
    table = order_table()
    assert list(table["route"]) == [each.id for each in EVERY]
    assert not table[["formula", "source", "why"]].eq("").any(axis=None)


def test_unknown_names_get_the_nearest():
    with pytest.raises(ValueError, match=r"No route leads to measure 'SDM'. Nearest: 'SMD'"):
        routes_for("SDM")
    with pytest.raises(ValueError, match=r"'smd.mean_sd' is not a route to SMD. Nearest: 'smd.means_sd'"):
        routes_for("SMD", ["smd.mean_sd"])
    with pytest.raises(ValueError, match=r"names 'smd.t' twice"):
        routes_for("SMD", ["smd.t", "smd.p", "smd.t"])
    with pytest.raises(ValueError, match=r"The order of routes to SMD is empty. Known: smd.means_sd"):
        routes_for("SMD", [])
    with pytest.raises(ValueError, match=r"'or.count' is not a route. Nearest: 'or.counts'"):
        route("or.count")


def test_an_order_is_kept_and_leaves_out_the_rest():
    assert [each.id for each in routes_for("SMD", ["smd.p", "smd.t"])] == ["smd.p", "smd.t"]
