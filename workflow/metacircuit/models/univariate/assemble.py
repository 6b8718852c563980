"""From tau2 and the coefficients to the full result."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from metacircuit.stats.coefficients import Coefficients
from metacircuit.stats.fit_statistics import fit_statistics
from metacircuit.stats.formula import INTERCEPT
from metacircuit.stats.heterogeneity import heterogeneity, r2_common_effect, r2_from_tau2
from metacircuit.stats.linear import Sample, sample
from metacircuit.stats.tau2 import COMMON_EFFECT
from metacircuit.stats.wald import omnibus, wald_tests

from .between_study import BetweenStudy, between_study_variance
from .inputs import Moderators
from .result import RMA

# metafor warns from this ratio of sampling variances on.
LARGE_RATIO = 1e7


@dataclass(frozen=True, slots=True, eq=False)
class Options:
    """What the user asked for; `test` is the one used, `asked` the one asked for."""

    method: str
    test: str
    asked: str
    level: float
    btt: Sequence[int] | None
    slab: tuple[str, ...]
    weights: np.ndarray | None


def assemble(effects: Sample, design: Moderators, between: BetweenStudy, fit: Coefficients, options: Options) -> RMA:
    """Tests, intervals, heterogeneity and fit statistics around the coefficients."""
    method, test, level = options.method, options.test, options.level
    k, p = int(effects.k[0]), effects.p
    tested = _tested(options.btt, design.names)
    beta, vb, dfs = fit.beta[0], fit.vb[0], float(fit.dfs[0])
    wald = wald_tests(beta, vb, dfs, level)
    joint = omnibus(beta, vb, np.array(tested), dfs)
    spread = heterogeneity(effects, np.array([between.tau2]), method)
    estimated = 0 if method in COMMON_EFFECT or between.fixed else 1
    return RMA(
        beta=beta,
        se=wald.se,
        stat=wald.stat,
        pval=wald.pval,
        ci_lb=wald.ci_lb,
        ci_ub=wald.ci_ub,
        vb=vb,
        names=design.names,
        dfs=dfs,
        tau2=between.tau2,
        se_tau2=between.se,
        tau2_fixed=between.fixed,
        I2=float(spread.I2[0]),
        H2=float(spread.H2[0]),
        R2=_r2(effects, design.names, between, options),
        s2=float(spread.s2[0]),
        QE=float(spread.QE[0]),
        QEp=float(spread.QEp[0]),
        QM=joint.stat,
        QMdf=joint.df,
        QMp=joint.pval,
        fit_stats=fit_statistics(effects, between.tau2, float(fit.rss[0]), p + estimated),
        s2w=float(fit.s2w[0]),
        k=k,
        p=p,
        m=len(tested),
        tested=tested,
        method=method,
        test=test,
        level=level,
        precision=between.precision,
        converged=between.converged,
        iterations=between.iterations,
        status="ok" if between.converged else "not converged",
        notes=(*between.notes, *_notes(effects, design.dropped, fit, options)),
        dropped=design.dropped,
        yi=effects.Y[0],
        vi=effects.V[0],
        X=effects.X,
        slab=options.slab,
        weights=options.weights,
        full_names=design.full_names,
        kept=design.kept,
        null_space=design.null_space,
        means=design.means,
        design=design.design,
    )


def _tested(btt: Sequence[int] | None, names: tuple[str, ...]) -> tuple[int, ...]:
    """The coefficients of the joint test: those asked for, or all but the intercept."""
    if btt is not None:
        chosen = tuple(int(j) for j in btt)
        if not chosen or any(not 0 <= j < len(names) for j in chosen):
            raise ValueError(f"btt must hold indices 0 to {len(names) - 1} of the coefficients {', '.join(names)}.")
        return chosen
    moderators = tuple(j for j, name in enumerate(names) if name != INTERCEPT)
    return moderators or (0,)


def _r2(effects: Sample, names: tuple[str, ...], between: BetweenStudy, options: Options) -> float | None:
    """The share of heterogeneity that moderators explain; None without moderators or without an intercept."""
    if INTERCEPT not in names or len(names) == 1:
        return None
    if effects.dfs[0] <= 0 or (between.fixed and options.method not in COMMON_EFFECT):
        return float("nan")
    null = sample(effects.Y, effects.V)
    if options.method in COMMON_EFFECT:
        return r2_common_effect(effects, null, options.weights)
    without = between_study_variance(null, options.method, between.precision)
    return r2_from_tau2(without.tau2, between.tau2)


def _notes(effects: Sample, dropped: dict[str, str], fit: Coefficients, options: Options) -> list[str]:
    """What a reader must know about this fit, one sentence or two each."""
    method, test = options.method, options.test
    found = [f"{name} was left out: {why}." for name, why in dropped.items()]
    k, p = int(effects.k[0]), effects.p
    if k == p:
        counts = f"{k} effect{'s' if k > 1 else ''} and {p} coefficient{'s' if p > 1 else ''}"
        found.append(f"With {counts} heterogeneity cannot be estimated: tau2 is set to 0.")
        if test != options.asked:
            found.append(f"One effect leaves no degrees of freedom for test={options.asked!r}: z was used.")
        elif test != "z":
            found.append(f"test={test!r} has no degrees of freedom left: p-values and intervals are undefined (NaN).")
    elif test == "knha" and fit.s2w[0] == 0:
        found.append("The model fits without residual: the Knapp-Hartung standard error is 0, its tests are undefined.")
    if method in COMMON_EFFECT and test in ("knha", "adhoc"):
        found.append(f"The Knapp-Hartung method is not meant for {method} models.")
    ratio = float(effects.V.max() / effects.V.min())
    if ratio >= LARGE_RATIO:
        found.append(
            f"The largest sampling variance is {ratio:.0e} times the smallest: single effects rule the result."
        )
    return found
