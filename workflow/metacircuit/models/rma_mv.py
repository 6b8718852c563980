"""`rma_mv`: multilevel, correlated-and-hierarchical and multivariate meta-analysis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from metacircuit.models.choices import one_of
from metacircuit.models.mv_fit import Fit, fit_inputs, fit_statistics, heterogeneity_share, residual_heterogeneity
from metacircuit.models.mv_inputs import Inputs, prepare
from metacircuit.models.mv_profile import component_names
from metacircuit.models.mv_result import RMAMV
from metacircuit.stats.wald import omnibus, tested_by_default, wald_tests

METHODS = ("REML", "ML")
TESTS = ("z", "t")


def rma_mv(
    yi: Any,
    V: Any,
    *,
    study: Any = None,
    effect: Any = None,
    rho: float | None = None,
    mods: Any = None,
    data: Any = None,
    random: str | Sequence[str] | None = None,
    struct: str | Sequence[str] = "CS",
    method: str = "REML",
    test: str = "z",
    level: float = 95,
    intercept: bool = True,
) -> RMAMV:
    r"""Fit a meta-analytic model with dependent effects by (restricted) maximum likelihood.

    .. math:: y = X\beta + \sum_t Z_t u_t + e, \qquad u_t \sim N(0, I \otimes G_t), \qquad e \sim N(0, V)

    With `study` alone this is the three-level model; with `rho` besides, the correlated-and-hierarchical-effects
    (CHE) model, where :math:`V_{ij} = \rho\sqrt{v_i v_j}` within a study.

    Parameters
    ----------
    yi : (k,) effects, or a column of `data`.
    V : sampling (co)variances: (k,) variances, a column of `data`, a list of blocks (one a study, in order), what
        `vcalc` returns, or a (k, k) array or scipy sparse matrix.
    study, effect : (k,) labels or columns; random effects for study and, within it, effect (each row, if not given).
    rho : correlation of the sampling errors of one study's effects.
    mods : moderators: a formula ("~ disorder + year", with `data`), or an array (k, m).
    data : data frame or mapping in which names are looked up.
    random : instead of study and effect: "~ 1 | study/effect", "~ outcome | trial", or several of them, crossed ones
        included. `study` then only says where `rho` applies.
    struct : covariance of the effects in "~ inner | outer": ID, CS, DIAG, HCS, UN, AR and HAR (by steps from level to
        level), CAR (by distance in time); GEN and GDIAG for slopes of a
        numeric inner variable. Several terms may have one each.
    method : "REML" or "ML".
    test : "z", or "t" with k - p degrees of freedom.
    level : confidence in percent.
    intercept : False for none (or write "- 1" in the formula).

    Returns
    -------
    RMAMV
        Never without a `status`; rows with missing values and coefficients that cannot be told apart are left out and
        listed.

    Raises
    ------
    ValueError
        For data that do not fit together, unknown names, or a covariance without inverse.

    Source: Van den Noortgate et al. (2013), Behavior Research Methods 45:576 (three levels); Pustejovsky and Tipton
    (2022), Prevention Science 23:425, eq. 6 (CHE); Berkey et al. (1998), Statistics in Medicine 17:2537 (multivariate).

    >>> y, v = [0.1, 0.3, 0.5, 0.2, 0.7], [0.02, 0.03, 0.02, 0.04, 0.03]
    >>> fit = rma_mv(y, v, study=["a", "a", "b", "b", "c"], rho=0.6)
    >>> fit.beta.round(3).tolist(), fit.sigma2_names
    ([0.394], ('study', 'study/effect'))
    """
    one_of("method", method, METHODS)
    one_of("test", test, TESTS)
    if not 0 < level < 100:
        raise ValueError(f"level must lie between 0 and 100 percent; got {level!r}.")
    inputs = prepare(yi, V, study, effect, rho, mods, data, random, struct, intercept)
    return _result(fit_inputs(inputs, reml=method == "REML"), method, test, level)


def _result(fit: Fit, method: str, test: str, level: float) -> RMAMV:
    """Everything that is reported about a fit."""
    inputs, solution = fit.inputs, fit.solution
    k, p = inputs.X.shape
    ddf = float(k - p) if test == "t" else np.inf
    wald = wald_tests(solution.beta, solution.vb, ddf, level)
    moderators = omnibus(solution.beta, solution.vb, tested_by_default(inputs.X), ddf)
    residual = residual_heterogeneity(fit)
    reported = fit.reported()
    simple = [i for i, t in enumerate(inputs.terms) if t.is_intercept]
    joint = [i for i, t in enumerate(inputs.terms) if not t.is_intercept]
    nothing = (np.empty(0), np.empty(0))
    first, second = ([reported[i] for i in joint] + [nothing, nothing])[:2]
    values = {name: float(reported[t][kind == "rho"][i]) for name, t, kind, i in component_names(fit)}
    return RMAMV(
        names=inputs.names,
        beta=solution.beta,
        se=wald.se,
        stat=wald.stat,
        pval=wald.pval,
        ci_lb=wald.ci_lb,
        ci_ub=wald.ci_ub,
        vb=solution.vb,
        sigma2=np.array([reported[i][0][0] for i in simple]),
        sigma2_names=tuple(inputs.terms[i].name for i in simple),
        nlevels=tuple(t.n_outer for t in inputs.terms),
        tau2=first[0],
        rho=first[1],
        gamma2=second[0],
        phi=second[1],
        components=values,
        ll=solution.ll,
        fit_stats=fit_statistics(
            solution.ll, k, p, fit.model.n_free - len(fit.fixed), residual.logdet, reml=method == "REML"
        ),
        QE=residual.QE,
        QE_df=residual.df,
        QEp=residual.pval,
        QM=moderators.stat,
        QM_df=moderators.df,
        QMp=moderators.pval,
        I2=heterogeneity_share(fit, residual),
        k=k,
        p=p,
        ddf=ddf,
        method=method,
        test=test,
        level=level,
        converged=fit.optimum.converged,
        iterations=fit.optimum.iterations,
        status=fit.optimum.status,
        dropped=inputs.dropped,
        omitted=inputs.omitted,
        notes=_notes(inputs, residual.QE),
        fit=fit,
    )


def _notes(inputs: Inputs, QE: float) -> tuple[str, ...]:
    """What a reader must know beside the numbers."""
    notes = [f"coefficient {name} was dropped: {why}." for name, why in inputs.dropped.items()]
    if inputs.omitted:
        reasons = sorted(set(inputs.omitted.values()))
        notes.append(f"{len(inputs.omitted)} row(s) were left out: {'; '.join(reasons)}.")
    if inputs.copies:
        notes.append(
            f"under rho = 1, {len(inputs.copies)} row(s) repeat another one exactly and add no information: "
            f"counted once."
        )
    if np.isnan(QE):
        notes.append("V alone has no inverse, so QE and I2 are not defined.")
    seen: dict[tuple, str] = {}
    for term in inputs.terms:
        key = (term.outer.tobytes(), term.is_intercept)
        if term.is_intercept and key in seen:
            notes.append(
                f"the variances of {seen[key]!r} and {term.name!r} cannot be told apart: only their sum is estimated."
            )
        seen[key] = term.name
    single = [t.name for t in inputs.terms if t.is_intercept and t.n_outer == 1 and len(inputs.y) > 1]
    notes += [f"{name!r} has one level: its variance cannot be estimated and is fixed at 0." for name in single]
    return tuple(notes)
