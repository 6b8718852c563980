"""How numbers are printed for a reader."""

import numpy as np
import pandas as pd


def p_text(p: float, digits: int = 4) -> str:
    """A p-value as journals print it.

    >>> p_text(0.00001), p_text(0.25), p_text(float("nan"))
    ('p < .0001', 'p = .2500', 'p not available')
    """
    if np.isnan(p):
        return "p not available"
    smallest = 10.0**-digits
    return f"p < {_drop_zero(smallest, digits)}" if p < smallest else f"p = {_drop_zero(p, digits)}"


def coefficient_table(frame: pd.DataFrame) -> str:
    """Rows of coefficients, aligned, with four decimals."""
    shown = frame.copy()
    shown["pval"] = [p_text(p).removeprefix("p ").removeprefix("= ") for p in shown["pval"]]
    return shown.to_string(index=False, float_format=lambda x: f"{x:.4f}")


def _drop_zero(p: float, digits: int) -> str:
    return f"{p:.{digits}f}".removeprefix("0") if p < 1 else f"{p:.{digits}f}"
