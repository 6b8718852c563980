"""What the tests and corrections of a stratum can and cannot tell, in a sentence or two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metacircuit.diagnostics.battery.method_rows import CORRECTION, REFERENCE
from metacircuit.diagnostics.outcome import FEW_STUDIES, OK
from metacircuit.wording import plural

if TYPE_CHECKING:
    import pandas as pd

# Simulations of selection models and PET-PEESE find them usable from about this number of studies on.
ENOUGH_FOR_MODELS = 20
ASYMMETRY = ("egger", "egger_modified", "rank", "peters", "harbord")
# The worst case is a bound, and the Henmi–Copas interval keeps the estimate of the common-effect model.
NO_CORRECTION = ("worst_case",)


def reading(rows: pd.DataFrame, alpha: float) -> str:
    """Say what the table of a stratum can tell with so many studies.

    Parameters
    ----------
    rows : DataFrame
        Method rows of one stratum.
    alpha : float
        Level of the tests.

    Returns
    -------
    str
        What the number of studies allows, what the tests find, and how far the corrections lie from the estimate.
    """
    studies = int(rows["studies"].max())
    return " ".join(filter(None, (_power(studies), _tests(rows, alpha), _corrections(rows))))


def _power(studies: int) -> str:
    counted = plural(studies, "study", "studies")
    if studies < FEW_STUDIES:
        return (
            f"With {counted} (fewer than {FEW_STUDIES}) no test here can tell selection from chance, and a large"
            " p-value is no sign of its absence; the corrected estimates show how much the result leans on the small"
            " studies and do not replace it."
        )
    if studies < ENOUGH_FOR_MODELS:
        return (
            f"With {counted} the tests find strong asymmetry only, and selection models are unstable; asymmetry can"
            " also come from heterogeneity."
        )
    return (
        f"With {counted} the tests and corrections can show strong selection; they cannot tell it from other reasons"
        " for which small studies differ, and agreement between methods is worth more than any one of them."
    )


def _tests(rows: pd.DataFrame, alpha: float) -> str:
    asked = rows[rows["method"].isin(ASYMMETRY) & (rows["status"] == OK)]
    if asked.empty:
        return ""
    found = asked[asked["pval"] < alpha]
    who = f" ({'; '.join(found['label'])})" if len(found) else ""
    none = "None" if found.empty else f"{len(found)}"
    return f"{none} of {plural(len(asked), 'test', 'tests')} for asymmetry has p below {alpha:g}{who}."


def _corrections(rows: pd.DataFrame) -> str:
    usable = rows[(rows["family"] == CORRECTION) & (rows["status"] == OK) & ~rows["method"].isin(NO_CORRECTION)]
    usable = usable[np.isfinite(usable["estimate"].to_numpy(float))]
    main = rows[rows["family"] == REFERENCE]
    if usable.empty or main.empty:
        return ""
    sign = np.sign(float(main["estimate"].iloc[0]))
    same = int((np.sign(usable["estimate"].to_numpy(float)) == sign).sum())
    beyond = usable["ci_lb"].to_numpy(float) > 0 if sign > 0 else usable["ci_ub"].to_numpy(float) < 0
    kept = "keeps" if same == 1 else "keep"
    there = "lies" if beyond.sum() == 1 else "lie"
    return (
        f"Of {plural(len(usable), 'corrected estimate', 'corrected estimates')} {same} {kept} the sign of the"
        f" uncorrected one, and {int(beyond.sum())} {there} with the whole interval on that side of no effect."
    )
