"""Tables on disk: in one spelling, and read back as they were."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.config.errors import UserError
from metacircuit.sheets.columns import STANDARD
from metacircuit.sheets.files import read_text, write_text

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

FLOAT_FORMAT = "%.10g"

# The numeric columns of the project's own tables: effects, combined, estimates, contrasts, sensitivity, diagnostics.
_RESULTS = """
    yi vi ci_lb ci_ub pi_lb pi_ub lower upper estimate se stat df pval tau2 tau2_lb tau2_ub sigma2_study sigma2_effect
    sigma2_study_lb sigma2_study_ub sigma2_effect_lb sigma2_effect_ub
    I2 H2 QE QE_df QEp rho level k studies participants natural natural_lb natural_ub natural_pi_lb natural_pi_ub
    QM df1 df2 R2 weight effects groups
    rstudent dffits cook_d cov_r tau2_del QE_del hat dfbs x y Q quantity
    cells thin_cells pval_htz F_permutation pval_permutation arrangements tau2_none tau2_additive R2_main R2_study
    R2_effect sigma2_study_additive sigma2_effect_additive QS LRT pval_lrt studies_first studies_second sesoi stat_lower
    pval_lower stat_upper pval_upper pval_tost power power_mcse target further further_mcse power_then power_then_mcse
    replicates typical_effects typical_variance
"""
# Words of those tables and of vocabularies that a review may choose to spell as numbers.
_WORDS = "value row_problem reason stratum label id column analysis grouping unit flagged singled_out note sentence"

NUMBERS: frozenset[str] = frozenset(_RESULTS.split()) | {c.name for s in STANDARD.values() for c in s if c.numeric}
WORDS: frozenset[str] = frozenset(_WORDS.split()) | {c.name for s in STANDARD.values() for c in s if not c.numeric}


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV: UTF-8, LF, numbers as %.10g, missing values empty; the file appears complete or not at all.

    Parameters
    ----------
    frame : DataFrame
        Written in the order it has, without its index.
    path : Path
        Parents are made.

    Examples
    --------
    >>> import pandas as pd, tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "t.csv"
    >>> write_table(pd.DataFrame({"study_id": ["a"], "yi": [1 / 3]}), path)
    >>> path.read_text()
    'study_id,yi\\na,0.3333333333\\n'
    """
    floats = frame.select_dtypes("floating").columns
    if len(floats):
        frame = frame.assign(**{name: frame[name] + 0.0 for name in floats})  # -0.0 + 0.0 is 0.0: one zero on disk
    text = io.StringIO(newline="")
    frame.to_csv(text, index=False, lineterminator="\n", float_format=FLOAT_FORMAT, encoding="utf-8")
    write_text(text.getvalue(), path)


def read_table(path: Path, *, text: Collection[str] = ()) -> pd.DataFrame:
    """Read a table that `write_table` wrote: numbers where a column holds nothing else, text elsewhere.

    A column is numeric if all of its cells are numbers in the spelling %.10g or empty, and at least one is filled.
    A column without a filled cell is numeric if it is one of `NUMBERS`. Identifiers such as 001 therefore stay text;
    so do `WORDS`, such as strata "1" and "2". Name other columns in `text` whose words may look like plain numbers.

    Parameters
    ----------
    path : Path
        A CSV in UTF-8.
    text : collection of str
        Columns that are never numbers.

    Returns
    -------
    DataFrame
        float64 columns with NaN for empty cells, object columns with "" for empty cells.

    Raises
    ------
    UserError
        If the file is missing or is not a table.
    """
    try:
        raw = pd.read_csv(io.StringIO(read_text(path)), dtype=object, keep_default_na=False, na_filter=False)
    except ValueError as error:  # pandas' own errors of an empty or ragged file are such
        raise UserError(
            f"{path.name} is not a table: {error}. It is a generated file: delete it and run again."
        ) from None
    return pd.DataFrame(
        {
            name: _typed(raw[name], fixed=name in text or _is_name(str(name)), numeric=name in NUMBERS)
            for name in raw.columns
        }
    )


def _is_name(column: str) -> bool:
    return column.endswith("_id") or column in WORDS


def _typed(cells: pd.Series, *, fixed: bool, numeric: bool) -> pd.Series:
    """A column as numbers if every distinct cell is one in our spelling, else as text; `numeric` decides if empty."""
    codes, words = pd.factorize(cells.to_numpy(dtype=object))
    filled = words[words != ""]
    numbers = None if fixed or not (len(filled) or numeric) else _numbers(filled)
    if numbers is None:
        return pd.Series(words[codes], dtype=object)
    values = np.full(len(words), np.nan)
    values[words != ""] = numbers
    return pd.Series(values[codes])


def _numbers(words: np.ndarray) -> np.ndarray | None:
    """The words as floats, or None unless each is spelled as `write_table` spells a number."""
    try:
        values = words.astype(float)
    except ValueError:
        return None
    spelled = all(word in (FLOAT_FORMAT % value, f"{value:.0f}") for word, value in zip(words, values, strict=True))
    return values if spelled and not np.isnan(values).any() else None
