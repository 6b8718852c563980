"""The table behind a formula: complete columns, their kind, and arithmetic on them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from .formula_tokens import Expression, Token, Variable, formula_error, nearest

_UNARY = {
    "neg": np.negative,
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "abs": np.abs,
    "I": np.positive,
}
_BINARY = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power}


class Columns:
    """The table that the names of a formula refer to."""

    def __init__(self, text: str, data: Any) -> None:
        if not isinstance(data, Mapping | pd.DataFrame):
            raise TypeError(f"data must be a DataFrame or a mapping of names to values, not {type(data).__name__}.")
        self.text = text
        self.data = data
        lengths = {np.size(data[name]) for name in data if not np.isscalar(data[name])}
        self.k = len(data) if isinstance(data, pd.DataFrame) else max(lengths, default=1)

    def column(self, at: Token) -> pd.Series:
        """The column of this name, complete and of the right length."""
        name = at.text
        if name not in self.data:
            raise formula_error(self.text, at, f"No column {name!r}. {nearest(name, self.data)}")
        values = self.data[name]
        values = pd.Series([values] * self.k if np.isscalar(values) else values).reset_index(drop=True)
        if len(values) != self.k:
            raise formula_error(
                self.text, at, f"Column {name!r} has {len(values)} values, other columns have {self.k}."
            )
        if (missing := values.isna()).any():
            rows = row_list(missing.to_numpy())
            raise formula_error(
                self.text, at, f"{name!r} is missing in {rows}. Fill the values in, or leave these rows out."
            )
        return values

    def is_factor(self, variable: Variable) -> bool:
        if variable.is_factor or variable.expression is not None:
            return variable.is_factor
        values = self.column(variable.at)
        return isinstance(values.dtype, pd.CategoricalDtype) or not is_number(values)

    def evaluate(self, node: Expression, moments: dict[str, tuple[float, float]], known: bool) -> np.ndarray:
        """The k values of an arithmetic expression; centring uses (and, for a new model, records) the mean and SD."""
        if node.op == "number":
            return np.full(self.k, node.value)
        if node.op == "name":
            return self.numbers(node.at)
        operands = [self.evaluate(part, moments, known) for part in node.parts]
        if node.op in ("scale", "center"):
            key = f"{node.op}@{node.at.start}"
            if not known:
                moments[key] = (float(operands[0].mean()), float(operands[0].std(ddof=1)) if self.k > 1 else np.nan)
            mean, sd = moments[key]
            return (operands[0] - mean) / (sd if node.op == "scale" else 1.0)
        with np.errstate(all="ignore"):
            return (_UNARY | _BINARY)[node.op](*operands)

    def numbers(self, at: Token) -> np.ndarray:
        """A numeric column as floats."""
        values = self.column(at)
        if isinstance(values.dtype, pd.CategoricalDtype) or not is_number(values):
            raise formula_error(self.text, at, f"{at.text!r} holds text, a number is needed here.")
        return values.to_numpy(float)


def is_number(values: pd.Series) -> bool:
    """Whether a column is numeric; columns of Python objects count when every value is a number."""
    if values.dtype == object:
        return all(isinstance(value, int | float | np.number) and not isinstance(value, bool) for value in values)
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def row_list(mask: np.ndarray) -> str:
    """The rows of a mask, counted from 1, the first ten of them."""
    rows = np.flatnonzero(mask) + 1
    more = f", … ({rows.size} in all)" if rows.size > 10 else ""
    return f"row{'s' if rows.size > 1 else ''} {', '.join(map(str, rows[:10]))}{more}"


def level_label(value: Any) -> str:
    """How a level is written: whole numbers without a decimal point."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)
