"""Variances of their own: do the true effects of some groups spread more than those of others?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.diagnostics.heterogeneity.data import CANNOT, NAN, coded, fit_che, labels_of, why_not
from metacircuit.models.location_scale import fit_location_scale
from metacircuit.stats.aggregate import aggregate_cs
from metacircuit.stats.distributions import chi2_p, critical
from metacircuit.wording import plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metacircuit.config import HeterogeneitySlice, Model
    from metacircuit.models.location_scale_result import LocationScale

COLUMNS = (
    *("analysis", "factor", "model", "stratum", "label", "k", "studies", "estimate", "tau2", "tau2_lb", "tau2_ub"),
    *("QS", "df1", "pval", "LRT", "pval_lrt", "status", "reason"),
)
# A variance below this share of the typical sampling variance is on its way to zero, which a log link never reaches.
NEGLIGIBLE = 1e-6
SCALE, DIAGONAL = "location–scale, study means", "CHE, variance between studies by group"


def variances(effects: pd.DataFrame, factor: str, spec: HeterogeneitySlice, words: Mapping) -> list[dict[str, object]]:
    r"""The heterogeneity of each word of a factor, and the tests that all have the same.

    .. math:: \bar y_{jl} \sim N(\mu_l,\; \bar v_{jl} + \tau_l^2), \qquad \log \tau_l^2 = \alpha_l

    for the mean of study j in group l under the assumed rho. The location–scale model takes these means as
    independent, so that a study in several groups counts in each, and the spread within a study and group is part of
    its :math:`\tau_l^2`. Beside it stands CHE with a variance between studies of each group and one variance within.

    Parameters
    ----------
    effects : DataFrame
        effects/ANALYSIS.csv.
    factor : str
        One of its columns.
    spec : HeterogeneitySlice
        Model and the least number of studies.
    words : mapping of str to DataFrame
        Vocabularies, for labels and order.

    Returns
    -------
    list of dict
        A row of `COLUMNS` for each word and model; QS is the Wald test of the location–scale model, LRT the
        likelihood ratio to one common variance. Words with too few studies have a status and a reason.

    Notes
    -----
    Source: Viechtbauer and López-López (2022), Research Synthesis Methods 13:697.
    """
    rows = coded(effects, [factor])
    labels = labels_of(factor, rows, "a", words)
    counts = rows.groupby("a")["study_id"].nunique()
    kept = [word for word in labels if counts[word] >= spec.model.min_studies]
    rows_of = {word: int((rows["a"] == word).sum()) for word in labels}
    base = [
        {
            "analysis": spec.analysis,
            "factor": factor,
            "stratum": word,
            "label": label,
            "k": rows_of[word],
            "studies": int(counts[word]),
        }
        for word, label in labels.items()
    ]
    if len(kept) < 2:
        reason = f"{len(kept)} of its groups have at least {spec.model.min_studies} studies; 2 are compared"
        return [row | {"model": SCALE, "status": "too_few", "reason": reason} for row in base]
    used = rows[rows["a"].isin(kept)].reset_index(drop=True)
    out = []
    for model, fitted in ((SCALE, _location_scale), (DIAGONAL, _diagonal)):
        try:
            by_word = fitted(used, kept, spec.model)
        except CANNOT as error:
            by_word = dict.fromkeys(kept, why_not(error))
        few = {"status": "too_few", "reason": f"fewer than {spec.model.min_studies} studies"}
        out += [row | {"model": model} | by_word.get(str(row["stratum"]), few) for row in base]
    return out


def _location_scale(rows: pd.DataFrame, kept: list[str], model: Model) -> dict[str, dict[str, object]]:
    """The location–scale model of the means of studies within groups."""
    if not (rows["vi"] > 0).all():
        raise ValueError(
            "an effect has a sampling variance of zero; the location–scale model needs variances above zero"
        )
    keys, cells = pd.factorize(pd.MultiIndex.from_frame(rows[["a", "study_id"]]), sort=True)
    means = aggregate_cs(rows["yi"], rows["vi"], keys, model.rho)
    group = np.array([kept.index(word) for word, _ in cells])
    studies = [study for _, study in cells]
    X = np.column_stack([np.ones(len(group)), *(group == i for i in range(1, len(kept)))]).astype(float)
    method = "ML" if model.method == "ML" else "REML"
    options = {"method": method, "level": model.level}
    own = fit_location_scale(means.yi, means.vi, X, X, **options)
    common = fit_location_scale(means.yi, means.vi, X, **options)
    levels = np.column_stack([np.ones(len(kept)), np.eye(len(kept))[:, 1:]])
    found = {word: _variance(own, L, model.level) for word, L in zip(kept, levels, strict=True)}
    zero = [word for word in kept if found[word]["tau2"] < NEGLIGIBLE * float(np.median(means.vi))]
    for word in zero:
        found[word] = {"tau2": 0.0, "tau2_lb": NAN, "tau2_ub": NAN}
    usable = common.converged and (own.converged or bool(zero))
    notes = [] if zero or not own.reason else [own.reason]
    if zero:
        notes.append(f"no variance in {', '.join(zero)}: the Wald test is not defined, the likelihood ratio is")
    if repeats := len(studies) - len(set(studies)):
        several = plural(repeats, "mean comes", "means come")
        notes.append(f"{several} from a study that is in another group too; taken as independent")
    wald = {"QS": NAN, "pval": NAN} if zero or not usable else {"QS": own.QS, "pval": own.QSp}
    tests = {
        **wald,
        "df1": len(kept) - 1,
        **_likelihood_ratio(own.ll, common.ll, len(kept) - 1, usable),
        "status": ("boundary" if zero else "ok") if usable else "not_converged",
        "reason": "; ".join(notes),
    }
    return {word: {"estimate": float(L @ own.beta)} | found[word] | tests for word, L in zip(kept, levels, strict=True)}


def _variance(fit: LocationScale, L: np.ndarray, level: float) -> dict[str, float]:
    """tau2 of a group with its interval, which is symmetric on the log scale."""
    alpha, variance = float(L @ fit.alpha), float(L @ fit.va @ L)
    tau2 = float(np.exp(alpha))
    if not (np.isfinite(variance) and variance > 0):
        return {"tau2": tau2, "tau2_lb": NAN, "tau2_ub": NAN}
    reach = critical(level) * np.sqrt(variance)
    with np.errstate(over="ignore"):
        lower, upper = np.exp([alpha - reach, alpha + reach])
    return {"tau2": tau2, "tau2_lb": float(lower), "tau2_ub": float(upper)}


def _diagonal(rows: pd.DataFrame, kept: list[str], model: Model) -> dict[str, dict[str, object]]:
    """CHE with a variance between studies for each group, and one within studies."""
    rows = rows.assign(row=[str(i) for i in range(len(rows))])
    inner = "~ a | study_id"
    within = ["~ 1 | row"] if rows["study_id"].duplicated().any() else []
    own, common = (
        fit_che(rows, model, "~ a - 1", [inner, *within], [s, *["CS"] * len(within)])  # type: ignore[arg-type]
        for s in ("DIAG", "ID")
    )
    ok = own.converged and common.converged
    note = "effects of one study in two groups differ independently here"
    tests = {
        "df1": len(kept) - 1,
        **_likelihood_ratio(own.ll, common.ll, len(kept) - 1, ok),
        "status": "ok" if ok else "not_converged",
        "reason": note,
    }
    order = sorted(set(rows["a"]))
    by_word = dict(zip(order, own.tau2, strict=True))
    beta = dict(zip(own.names, own.beta, strict=True))
    return {word: {"estimate": float(beta[f"a{word}"]), "tau2": float(by_word[word])} | tests for word in kept}


def _likelihood_ratio(own: float, common: float, df: int, usable: bool) -> dict[str, float]:
    """Twice the difference of the log-likelihoods, which share their location part, against chi-squared."""
    if not usable:
        return {"LRT": NAN, "pval_lrt": NAN}
    ratio = max(0.0, 2 * (own - common))
    return {"LRT": ratio, "pval_lrt": float(chi2_p(ratio, df))}


def all_variances(effects: pd.DataFrame, spec: HeterogeneitySlice, words: Mapping) -> pd.DataFrame:
    """The rows of every factor of an analysis."""
    rows = [row for factor in spec.factors for row in variances(effects, factor, spec, words)]
    return pd.DataFrame(rows, columns=list(COLUMNS))
