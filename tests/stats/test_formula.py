"""Formulas: names and columns as R's model.matrix gives them, and errors that point at the place."""

import numpy as np
import pandas as pd
import pytest
from metacircuit.stats.formula import FormulaError, design_matrix

TABLE = pd.DataFrame(
    {
        "x": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "g": list("abcabc"),
        "h": list("uuuvvv"),
        "t": [1, 2, 3, 1, 2, 3],
        "mixed name": [1, 0, 1, 0, 1, 0],
    }
)

# colnames(model.matrix(f, d)) in R 4.2 on the same table; (Intercept) is called intrcpt.
R_NAMES = {
    "~ 1": ["intrcpt"],
    "~ x": ["intrcpt", "x"],
    "~ x * g": ["intrcpt", "x", "gb", "gc", "x:gb", "x:gc"],
    "~ x:g": ["intrcpt", "x:ga", "x:gb", "x:gc"],
    "~ g:h": ["intrcpt", "ga:hu", "gb:hu", "gc:hu", "ga:hv", "gb:hv", "gc:hv"],
    "~ g:h + h": ["intrcpt", "hv", "gb:hu", "gc:hu", "gb:hv", "gc:hv"],
    "~ 0 + x + g + h": ["x", "ga", "gb", "gc", "hv"],
    "~ g * h - 1": ["ga", "gb", "gc", "hv", "gb:hv", "gc:hv"],
    "~ g - 1": ["ga", "gb", "gc"],
    "~ log(x) + I(x^2)": ["intrcpt", "log(x)", "I(x^2)"],
}


@pytest.mark.parametrize("formula", R_NAMES)
def test_columns_are_named_and_coded_as_in_r(formula):
    assert list(design_matrix(formula, TABLE).names) == R_NAMES[formula]


@pytest.mark.parametrize("formula", [*R_NAMES, "~ scale(x) * g", "~ center(log(x + 1))", "~ C(t, ref=2) * h"])
def test_new_data_give_the_rows_of_the_old(formula):
    design = design_matrix(formula, TABLE)
    np.testing.assert_array_equal(design.for_new(TABLE.iloc[[4, 1]]), design.X[[4, 1]])


def test_values():
    X = design_matrix("~ x*g + I((x - 1)/2) + x**2 + `mixed name`", TABLE).X
    names = design_matrix("~ x*g + I((x - 1)/2) + x**2 + `mixed name`", TABLE).names
    column = dict(zip(names, X.T, strict=True))
    np.testing.assert_array_equal(column["x:gb"], [0, 2, 0, 0, 5, 0])
    np.testing.assert_array_equal(column["I((x-1)/2)"], (TABLE["x"] - 1) / 2)
    np.testing.assert_array_equal(column["I(x^2)"], TABLE["x"] ** 2)
    np.testing.assert_array_equal(column["mixed name"], TABLE["mixed name"])


def test_a_number_can_be_a_factor_with_a_chosen_reference():
    design = design_matrix("~ C(t, ref=2)", TABLE)
    assert design.names == ("intrcpt", "t1", "t3")
    assert design.levels == {"t": ("2", "1", "3")}
    assert design.terms == {"intrcpt": (0,), "t": (1, 2)}


def test_categoricals_keep_their_order_and_booleans_are_factors():
    data = {
        "size": pd.Categorical(["small", "large", "small"], categories=["small", "large", "unseen"]),
        "b": [True, False, True],
    }
    assert design_matrix("~ size + b", data).names == ("intrcpt", "sizelarge", "bTrue")


def test_scaling_remembers_the_data_it_was_built_on():
    design = design_matrix("~ scale(x)", TABLE)
    assert design.for_new({"x": [3.5]})[0, 1] == 0
    assert design.for_new({"x": 3.5}).shape == (1, 2)


def test_the_intercept_can_be_taken_away():
    assert design_matrix("~ x", TABLE, intercept=False).names == ("x",)


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("~ xx + g", ["'xx'", "'x'", "position 3"]),
        ("~ x + $", ["'$'", "position 7"]),
        ("~ lgo(x)", ["'lgo'", "'log'"]),
        ("~ __import__(x)", ["__import__", "position 3"]),
        ("~ x.upper()", ["Unknown function"]),
        ("~ log(x - 1)", ["not a finite number", "row 1"]),
        ("~ I(g^2)", ["text"]),
        ("~ C(g, ref='z')", ["no level 'z'", "a, b, c"]),
        ("~ t + C(t)", ["two ways"]),
        ("~ x x", ["Did not expect 'x'"]),
        ("~ x +", ["found 'the end'"]),
        ("y ~ x", ["left of '~'"]),
        ("~ (x + g)^2", ["power of a sum"]),
        ("~ x - g", ["Only the intercept"]),
        ("~ 2", ["only numbers"]),
        ("~ -1", ["No term is left"]),
        ("~ (x", ["Expected ')'"]),
        ("", ["Expected a column name"]),
    ],
)
def test_mistakes_are_named_with_their_place(formula, words):
    with pytest.raises(FormulaError) as error:
        design_matrix(formula, TABLE)
    for word in words:
        assert word in str(error.value)


def test_missing_values_are_an_error_that_lists_the_rows():
    with pytest.raises(ValueError, match="missing in rows 1, 3"):
        design_matrix("~ g", {"g": [None, "a", float("nan"), "b"]})


def test_unknown_levels_of_new_data_are_an_error():
    with pytest.raises(FormulaError, match="no level 'A'"):
        design_matrix("~ g", TABLE).for_new({"g": ["A"]})


def test_the_data_must_be_a_table():
    with pytest.raises(TypeError, match="DataFrame"):
        design_matrix("~ x", [1, 2, 3])
