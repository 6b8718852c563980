"""Design matrices from formulas: names and factors become the columns of X.

Factors get treatment coding as in R: the first level is the reference, and a factor whose margin is not in the model
(no intercept, or an interaction without the main effect) gets a column for every level.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from .formula_columns import Columns, is_number, level_label, row_list
from .formula_syntax import parse
from .formula_tokens import Formula, FormulaError, Variable, formula_error, nearest

INTERCEPT = "intrcpt"


@dataclass(frozen=True, slots=True)
class Design:
    """A design matrix and all that is needed to build the same columns for other data.

    Attributes
    ----------
    X : (k, p) float array.
    names : the p column names, metafor-like: `intrcpt`, `x`, `gB`, `x:gB`, `log(x)`.
    terms : term -> indices of its columns (`intrcpt` is a term of its own).
    levels : factor -> its levels, the reference first.
    formula : the parsed formula.
    """

    X: np.ndarray
    names: tuple[str, ...]
    terms: dict[str, tuple[int, ...]]
    levels: dict[str, tuple[str, ...]]
    formula: Formula
    _moments: dict[str, tuple[float, float]] = field(default_factory=dict, repr=False)

    def for_new(self, data: Any) -> np.ndarray:
        """The rows of X for other data: same columns, same levels, same centring.

        Parameters
        ----------
        data : mapping of names to numbers or arrays, or a DataFrame; only the columns of the formula are needed.

        Returns
        -------
        (m, p) float array.

        Raises
        ------
        FormulaError
            If a column is missing, or a level is not among those that the model was built with.

        Example
        -------
        >>> design_matrix("~ g", {"g": ["a", "b", "b"]}).for_new({"g": ["b"]})
        array([[1., 1.]])
        """
        return _build(self.formula, Columns(self.formula.text, data), self.levels, self._moments).X


def design_matrix(formula: str, data: Any, *, intercept: bool = True) -> Design:
    """The design matrix X of a formula on a table.

    X has one column for the intercept, one for a number, m - 1 for a factor with m levels, and products of these for
    interactions.

    Parameters
    ----------
    formula : `~ year + disorder`, `~ C(circuit, ref="pain")`, `~ x * g - 1`, `~ log(n) + I(x^2)`; see `formula_syntax`.
    data : mapping of names to k values, or a DataFrame with k rows. Text, booleans and pandas categoricals are factors:
        levels in sorted order, or in the order of the categorical; the first is the reference.
    intercept : False takes the intercept away.

    Returns
    -------
    Design

    Raises
    ------
    FormulaError
        (a ValueError) if the formula has a mistake, a column is unknown, or values are missing; rows count from 1.

    Source
    ------
    Chambers & Hastie (1992) Statistical Models in S, section 2.3 (coding of factors by their margins).

    Example
    -------
    >>> design = design_matrix("~ x + g", {"x": [1, 2, 3], "g": ["b", "a", "b"]})
    >>> design.names
    ('intrcpt', 'x', 'gb')
    >>> design.X[0]
    array([1., 1., 1.])
    """
    parsed = parse(formula, intercept=intercept)
    return _build(parsed, Columns(formula, data), None, None)


def _find_levels(values: pd.Series, variable: Variable, text: str) -> tuple[str, ...]:
    """The levels that occur, the reference first."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        present = set(values)
        ordered = [level for level in values.cat.categories if level in present]
    elif is_number(values):
        ordered = sorted(set(values))
    else:
        ordered = sorted(set(values), key=str)
    levels = list(dict.fromkeys(map(level_label, ordered)))
    if variable.reference is not None:
        if variable.reference not in levels:
            problem = f"{variable.label!r} has no level {variable.reference!r}. {nearest(variable.reference, levels)}"
            raise formula_error(text, variable.at, problem)
        levels.remove(variable.reference)
        levels.insert(0, variable.reference)
    return tuple(levels)


def _indicators(columns: Columns, variable: Variable, levels: tuple[str, ...]) -> np.ndarray:
    """One 0/1 column for each level."""
    values = columns.column(variable.at)
    codes, uniques = pd.factorize(values)
    position = {level: index for index, level in enumerate(levels)}
    labels = [level_label(value) for value in uniques]
    if unknown := [label for label in labels if label not in position]:
        problem = f"{variable.label!r} has no level {unknown[0]!r} in the model. {nearest(unknown[0], levels)}"
        raise formula_error(columns.text, variable.at, problem)
    indicators = np.zeros((columns.k, len(levels)))
    indicators[np.arange(columns.k), np.array([position[label] for label in labels])[codes]] = 1.0
    return indicators


def _build(formula: Formula, columns: Columns, levels: dict | None, moments: dict | None) -> Design:
    """X for a table; `levels` and `moments` are those of the model when the table is new data."""
    known = levels is not None
    levels, moments = (levels, moments) if known else ({}, {})
    variables = list({variable.label: variable for term in formula.terms for variable in term}.values())
    factors = {v.label for v in variables if (v.label in levels if known else columns.is_factor(v))}
    if not known:
        for variable in variables:
            if variable.label in factors:
                levels[variable.label] = _find_levels(columns.column(variable.at), variable, formula.text)
    full = _full_coding(formula, [v.label for v in variables if v.label in factors])

    blocks = [np.ones((columns.k, 1))] if formula.intercept else []
    names = [INTERCEPT] if formula.intercept else []
    terms = {INTERCEPT: (0,)} if formula.intercept else {}
    for index, term in enumerate(formula.terms):
        block, labels = np.ones((columns.k, 1)), [""]
        for variable in term:
            if variable.label in factors:
                skip = 0 if (index, variable.label) in full else 1
                part = _indicators(columns, variable, levels[variable.label])[:, skip:]
                part_names = [variable.label + level for level in levels[variable.label][skip:]]
            else:
                part = _numeric(columns, variable, moments, known)[:, None]
                part_names = [variable.label]
            # The variable named first varies fastest, as in R.
            block = (part[:, :, None] * block[:, None, :]).reshape(columns.k, -1)
            labels = [f"{a}:{b}" if a else b for b in part_names for a in labels]
        terms[":".join(v.label for v in term)] = tuple(range(len(names), len(names) + len(labels)))
        blocks.append(block)
        names += labels
    X = np.hstack(blocks) if blocks else np.empty((columns.k, 0))
    return Design(X, tuple(names), terms, levels, formula, moments)


def _numeric(columns: Columns, variable: Variable, moments: dict, known: bool) -> np.ndarray:
    """The values of a numeric variable, all of them finite."""
    if variable.expression is None:
        values = columns.numbers(variable.at)
    else:
        values = columns.evaluate(variable.expression, moments, known)
    if not np.isfinite(values).all():
        raise formula_error(
            columns.text, variable.at, f"{variable.label} is not a finite number in {row_list(~np.isfinite(values))}."
        )
    return values


def _full_coding(formula: Formula, factors: list[str]) -> set[tuple[int, str]]:
    """Which factors, in which terms, get a column for every level because their margin is not in the model."""
    sets = [frozenset(v.label for v in term) for term in formula.terms]
    present = {frozenset(), *sets}
    full = {(i, f) for i, term in enumerate(sets) for f in factors if f in term and term - {f} not in present}
    if not formula.intercept and factors:
        full.add(next((i, factors[0]) for i, term in enumerate(sets) if factors[0] in term))
    return full


__all__ = ["INTERCEPT", "Design", "FormulaError", "design_matrix"]
