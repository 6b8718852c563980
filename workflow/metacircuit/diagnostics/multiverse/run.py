"""`multiverse`: the estimate of an analysis under every combination of the choices behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from metacircuit.config import Model
from metacircuit.config.sensitivity import Sensitivity
from metacircuit.diagnostics.multiverse.choices import AS_CONFIGURED, choices_of
from metacircuit.diagnostics.multiverse.evidence import evidence_of
from metacircuit.diagnostics.multiverse.fit import fit_models
from metacircuit.diagnostics.multiverse.outcomes import COLUMNS
from metacircuit.diagnostics.multiverse.shares import variance_shares
from metacircuit.diagnostics.multiverse.specifications import plan
from metacircuit.diagnostics.multiverse.summary import Summary, summarise


@dataclass(frozen=True, slots=True, eq=False)
class Multiverse:
    """All specifications of an analysis, and what each choice moves.

    Attributes
    ----------
    table : DataFrame
        A row a specification: specification (1 …), main (the main analysis), one column a choice, k (effects behind
        the estimate), studies, estimate, se, ci_lb, ci_ub, pval, tau2, fit (number of the distinct model; equal
        numbers are one model), status (ok | too_few | no_test | not_converged | not_estimable | not_run), reason.
    shares : DataFrame
        A row a choice, from `metacircuit.diagnostics.multiverse.shares.variance_shares`.
    summary : Summary
        In a few numbers; its `text` is a paragraph.
    """

    table: pd.DataFrame
    shares: pd.DataFrame
    summary: Summary

    def __str__(self) -> str:
        shown = self.shares[["choice", "share", "total", "moves", "note"]].to_string(
            index=False, float_format="%.3f", na_rep=""
        )
        return f"{self.summary.text}\n\n{shown}"


def multiverse(
    effects: pd.DataFrame,
    measure: str = "GEN",
    sensitivity: Sensitivity | None = None,
    model: Model | None = None,
    *,
    conversions: Mapping[str, pd.DataFrame] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Multiverse:
    r"""Pool the effects of an analysis under every combination of the choices behind it.

    .. math:: \hat\mu(x_1, \dots, x_c), \quad x \in X_1 \times \dots \times X_c

    Specifications are grouped by the data and the model that they come down to. Univariate models are fitted in one
    sweep; CHE models (and GLMMs of proportions, and models of bounds) one at a time, each distinct one once.

    Parameters
    ----------
    effects : DataFrame
        As effects/ANALYSIS.csv: study_id, yi, vi and, where they matter, status, lower, upper, participants, flags
        and the columns that the rules of `leave_out` name. Without a status all rows are estimates.
    measure : str
        Code of the measure; PLO is pooled by the GLMM of the counts beside the models of logits.
    sensitivity : Sensitivity, optional
        The choices; by default all that are usual.
    model : Model, optional
        The main analysis, whose own values take part in every choice, and its test, level and fewest studies.
    conversions : mapping of str to DataFrame, optional
        The effects under other conversions, by name; see `reconverted`.
    progress : function of (done, total), optional
        Called after each model that is fitted on its own.

    Returns
    -------
    Multiverse
        Frozen. Specifications are not independent of each other: shares of significant ones are descriptions, not
        tests.

    Raises
    ------
    ValueError
        If a column is missing or an estimate has no positive variance.
    UserError
        If there are more combinations than allowed, or a rule names a flag that does not exist.

    Notes
    -----
    Sources: Steegen, Tuerlinckx, Gelman and Vanpaemel (2016), Perspectives on Psychological Science 11, 702–712;
    Voracek, Kossmeier and Tran (2019), Zeitschrift für Psychologie 227, 64–82, for meta-analyses.

    Examples
    --------
    >>> effects = pd.DataFrame({"study_id": list("aabcde"), "yi": [0.2, 0.4, 0.1, 0.6, 0.3, 0.9],
    ...                         "vi": [0.02, 0.03, 0.02, 0.05, 0.03, 0.06], "peak": ["", "", "", "", "", "yes"]})
    >>> choices = Sensitivity(leave_out={"peaks": {"peak": "yes"}}, aggregation=["study_means"], method=["DL"])
    >>> found = multiverse(effects, "SMD", choices, Model(kind="univariate"))
    >>> len(found.table), found.summary.choice
    (32, 'peaks')
    """
    sensitivity, model = sensitivity or Sensitivity(), model or Model()
    tables = {AS_CONFIGURED: effects, **(conversions or {})}
    evidence = {name: evidence_of(table) for name, table in tables.items()}
    choices = choices_of(evidence, measure, sensitivity, model)
    todo = plan(choices, evidence, sensitivity)
    fitted = fit_models(todo, evidence, model, sensitivity.max_models, progress)
    outcome = fitted.iloc[todo.model].reset_index(drop=True)
    names = [choice.name for choice in choices]
    table = pd.concat(
        [
            pd.DataFrame({"specification": np.arange(1, len(outcome) + 1)}),
            todo.specifications[["main", *names]],
            outcome[[name for name in COLUMNS if name not in ("status", "reason")]],
            pd.DataFrame({"fit": todo.model + 1}),
            outcome[["status", "reason"]],
        ],
        axis=1,
    )
    shares = variance_shares(choices, todo.codes, table["estimate"].to_numpy(float))
    return Multiverse(table, shares, summarise(table, shares, model))
