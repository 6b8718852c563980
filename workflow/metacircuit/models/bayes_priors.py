"""From what a user writes for a prior to the prior."""

from collections.abc import Callable, Sequence

import numpy as np

from metacircuit.models.choices import one_of
from metacircuit.stats.bayes.informative import FAMILIES, Family
from metacircuit.stats.bayes.posterior import MuPrior
from metacircuit.stats.bayes.priors import (
    TauPrior,
    exponential,
    from_density,
    half_cauchy,
    half_normal,
    half_t,
    log_normal,
    log_t,
    uniform,
)

# Name: constructor and the names of its parameters.
WEAK: dict[str, tuple[Callable[..., TauPrior], tuple[str, ...]]] = {
    "halfnormal": (half_normal, ("scale",)),
    "halfcauchy": (half_cauchy, ("scale",)),
    "halft": (half_t, ("scale", "df")),
    "exponential": (exponential, ("scale",)),
    "uniform": (uniform, ("upper",)),
    "lognormal": (log_normal, ("mean", "sd")),
    "logt": (log_t, ("location", "scale", "df")),
}


def tau_prior_of(given: TauPrior | str | Sequence[object] | Callable) -> TauPrior:
    """Build the prior of tau.

    Parameters
    ----------
    given
        ``("halfnormal", scale)``, ``("halfcauchy", scale)``, ``("halft", scale, df)``, ``("exponential", mean)``,
        ``("uniform", upper)``, ``("lognormal", mean, sd)`` or ``("logt", location, scale, df)`` of log tau;
        ``("rhodes2015", outcome, comparison)``, ``("turner2015", …)``, ``("turner2012", …)``, or only their name
        for any outcome; a density of tau as a function of an array; or a `TauPrior`.

    Raises
    ------
    ValueError
        If a name is unknown or a parameter is missing, superfluous or out of range.

    >>> tau_prior_of(("halfnormal", 0.5)).label
    'half-normal(0.5)'
    >>> tau_prior_of(("rhodes2015", "mental health", "non-pharmacological vs any")).label
    'log-t(-1.925, 0.965, df = 5)'
    """
    if isinstance(given, TauPrior):
        return given
    if callable(given):
        return from_density(given)
    parts = (given,) if isinstance(given, str) else tuple(given)
    if not parts:
        raise ValueError("tau_prior is empty: write for example tau_prior=('halfnormal', 0.5)")
    name, *values = parts
    one_of("tau_prior", name, (*WEAK, *FAMILIES))
    if name in FAMILIES:
        return _informative(name, FAMILIES[name], values)
    build, parameters = WEAK[name]
    if len(values) != len(parameters):
        raise ValueError(
            f"the tau prior '{name}' has {len(parameters)} parameter(s), {', '.join(parameters)}; "
            f"{len(values)} given: {given!r}"
        )
    return build(*values)


def mu_prior_of(given: MuPrior | Sequence[float] | None) -> MuPrior:
    """Build the prior of mu from (mean, sd); None is the improper uniform.

    Raises
    ------
    ValueError

    >>> mu_prior_of((0, 4)).sd
    4.0
    """
    if given is None:
        return MuPrior()
    if isinstance(given, MuPrior):
        return given
    try:
        mean, sd = (float(x) for x in given)
    except (TypeError, ValueError):
        raise ValueError(f"mu_prior={given!r} must be (mean, sd), or None for the uniform prior") from None
    if not np.isfinite(mean) or not sd > 0:
        raise ValueError(f"mu_prior={given!r}: the mean must be finite and the sd above zero")
    return MuPrior(mean, sd)


def _informative(name: str, family: Family, values: list[object]) -> TauPrior:
    """A published prior by outcome and comparison."""
    if not values or values == ["general"]:
        return family.prior("general", "")
    one_of(f"{name} outcome", values[0], ("general", *family.table))
    if len(values) != 2:
        raise ValueError(f"'{name}' needs (outcome, comparison); comparison can be {', '.join(family.comparisons)}")
    one_of(f"{name} comparison", values[1], family.comparisons)
    return family.prior(str(values[0]), str(values[1]))
