"""The result of a Bayesian random-effects meta-analysis."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar

from metacircuit.stats.bayes.mixture import NormalMixture
from metacircuit.stats.bayes.posterior import Model, MuPrior
from metacircuit.stats.bayes.tau import TauPosterior

Vector = NDArray[np.float64]
PARAMETERS = ("tau", "mu", "theta_new")


@dataclass(frozen=True, slots=True, eq=False)
class Bayes:
    """Posterior distributions of tau, mu and the effect of a new study.

    Attributes
    ----------
    model : data and priors.
    tau, mu, theta_new : the marginal posteriors, each with mean, sd, density, cdf, quantile and mode.
    level : probability of the intervals in percent; interval : "central" or "shortest".
    labels : (k,) study labels.
    """

    model: Model
    tau: TauPosterior
    mu: NormalMixture
    theta_new: NormalMixture
    level: float
    interval: str
    labels: tuple[str, ...]

    @property
    def k(self) -> int:
        """Number of studies."""
        return len(self.model.yi)

    @property
    def log_marginal_likelihood(self) -> float:
        """log p(y); defined up to a constant, and NaN, when a prior is improper."""
        proper = self.model.tau_prior.proper and self.model.mu_prior.proper
        return self.tau.grid.log_total if proper else np.nan

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the numbers must know."""
        heavy = "the posterior of tau has too heavy a tail for a finite {}: add studies or use a lighter prior"
        missing = [word for order, word in ((1, "mean"), (2, "standard deviation")) if not self.tau.has_moment(order)]
        return (heavy.format(" and ".join(missing)),) if missing else ()

    def summary(self) -> pd.DataFrame:
        """Mode, median, mean, sd and interval (rows) of tau, mu and theta_new (columns)."""
        lower, upper = f"{self.level:g}% lower", f"{self.level:g}% upper"
        columns = {}
        for name in PARAMETERS:
            marginal = getattr(self, name)
            mean, sd = self._moments(name)
            low, high = self._interval(marginal.quantile)
            columns[name] = {
                "mode": marginal.mode(),
                "median": marginal.quantile(0.5),
                "mean": mean,
                "sd": sd,
                lower: low,
                upper: high,
            }
        return pd.DataFrame(columns)

    def shrinkage(self) -> pd.DataFrame:
        """Estimate and posterior of the effect of each study: columns yi, sei, median, mean, sd, ci_lb, ci_ub."""
        rows = []
        for i in range(self.k):
            theta = self._study(i)
            low, high = self._interval(theta.quantile)
            mean, sd = theta.mean, theta.sd
            rows.append((theta.quantile(0.5), mean, sd, low, high))
        frame = pd.DataFrame(rows, columns=["median", "mean", "sd", "ci_lb", "ci_ub"], index=list(self.labels))
        frame.insert(0, "yi", self.model.yi)
        frame.insert(1, "sei", np.sqrt(self.model.vi))
        return frame

    def pposterior(self, **value: ArrayLike) -> Vector | float:
        """Probability that a parameter is at most a value.

        Parameters
        ----------
        tau, mu, theta_new : float or array
            Exactly one of them, by name.

        Raises
        ------
        ValueError
            If there is not exactly one parameter, or its name is not known.
        """
        name, x = _one(value)
        return _plain(getattr(self, name).cdf(x))

    def dposterior(self, **value: ArrayLike) -> Vector | float:
        """Posterior density at a value of tau, mu or theta_new, given by name."""
        name, x = _one(value)
        return _plain(getattr(self, name).density(x))

    def qposterior(self, **probability: ArrayLike) -> Vector | float:
        """The value below which tau, mu or theta_new, given by name, lies with a probability.

        Raises
        ------
        ValueError
            If a probability is outside [0, 1].
        """
        name, p = _one(probability)
        if np.any((p < 0) | (p > 1)):
            raise ValueError(f"qposterior({name}=…) takes probabilities between 0 and 1")
        return _plain(np.array([getattr(self, name).quantile(float(x)) for x in p.ravel()]).reshape(p.shape))

    def probability_above(self, mid: float = 0.0) -> pd.Series:
        """P(effect > mid), for the average effect and that of a new study: mid is the smallest effect that matters."""
        return pd.Series({name: float(getattr(self, name).survival(mid)) for name in ("mu", "theta_new")})

    def bayes_factors(self) -> pd.DataFrame:
        """Evidence for tau = 0 and for mu = 0.

        Returns
        -------
        DataFrame
            Rows tau=0 and mu=0; BF01 for the point against the model, BF10 its inverse, the reason if undefined.
        """
        model, prior = self.model, self.model.mu_prior
        improper = f"the tau prior '{model.tau_prior.label}' is improper"
        rows = {"tau=0": (np.nan, improper), "mu=0": (np.nan, improper)}
        if model.tau_prior.proper:
            at_zero = float(model.log_likelihood(np.array([-np.inf]))[0])
            rows["tau=0"] = (np.exp(at_zero - self.tau.grid.log_total), "")
            if prior.proper:
                point = replace(model, mu_prior=MuPrior(0.0, 0.0)).integrate()
                rows["mu=0"] = (np.exp(point.log_total - self.tau.grid.log_total), "")
            else:
                rows["mu=0"] = (np.nan, "the mu prior is improper: set mu_prior=(mean, sd)")
        frame = pd.DataFrame.from_dict(rows, orient="index", columns=["BF01", "reason"])
        with np.errstate(divide="ignore"):
            frame.insert(1, "BF10", 1 / frame["BF01"])
        return frame

    def to_frame(self) -> pd.DataFrame:
        """One row a parameter: parameter, mode, median, mean, sd, ci_lb, ci_ub, level, k and the priors."""
        frame = self.summary().T
        frame.columns = ["mode", "median", "mean", "sd", "ci_lb", "ci_ub"]
        frame = frame.rename_axis("parameter").reset_index()
        return frame.assign(level=self.level, k=self.k, tau_prior=self.model.tau_prior.label, mu_prior=self._mu_label())

    def __str__(self) -> str:
        lines = [
            f"Bayesian random-effects meta-analysis (k = {self.k})",
            f"tau prior: {self.model.tau_prior.label}"
            + (f" [{self.model.tau_prior.source}]" if self.model.tau_prior.source else ""),
            f"mu prior:  {self._mu_label()}",
            "",
            self.summary().to_string(float_format=lambda x: f"{x:.4f}"),
            "",
            f"P(mu > 0) = {self.probability_above()['mu']:.4f}   "
            f"P(theta_new > 0) = {self.probability_above()['theta_new']:.4f}",
        ]
        for name, row in self.bayes_factors().iterrows():
            known = np.isfinite(row["BF01"])
            lines.append(
                f"Bayes factor for {name}: " + (f"{row['BF01']:.4g}" if known else f"undefined, {row['reason']}")
            )
        return "\n".join([*lines, *(f"Note: {note}" for note in self.notes)])

    def _mu_label(self) -> str:
        prior = self.model.mu_prior
        return f"normal(mean {prior.mean:g}, sd {prior.sd:g})" if prior.proper else "uniform (improper)"

    def _moments(self, name: str) -> tuple[float, float]:
        """Mean and standard deviation, where they exist."""
        marginal = getattr(self, name)
        if name == "tau" or (name == "mu" and self.model.mu_prior.proper):
            return marginal.mean, marginal.sd
        mean = marginal.mean if self.tau.has_moment(1) else np.nan
        return mean, (marginal.sd if self.tau.has_moment(2) else np.inf)

    def _interval(self, quantile: Callable[[float], float]) -> tuple[float, float]:
        """Central or shortest interval."""
        outside = 1 - self.level / 100
        left = outside / 2
        if self.interval == "shortest":
            found = minimize_scalar(
                lambda p: quantile(p + 1 - outside) - quantile(p),
                bounds=(0, outside),
                method="bounded",
                options={"xatol": 1e-9},
            )
            left = 0.0 if quantile(1 - outside) - quantile(0.0) <= found.fun else float(found.x)
        return quantile(left), quantile(left + 1 - outside)

    def _study(self, i: int) -> NormalMixture:
        """Posterior of the effect of one study."""
        grid, y, v = self.tau.grid, self.model.yi[i], self.model.vi[i]
        mean, sd = self.model.conditional_mu(grid.nodes)
        pull = np.exp(np.log(v) - np.logaddexp(np.log(v), 2 * grid.nodes))
        return NormalMixture.of(grid.weights, y + pull * (mean - y), np.sqrt((1 - pull) * v + (pull * sd) ** 2))


def _one(value: dict[str, ArrayLike]) -> tuple[str, Vector]:
    """The only parameter that was named."""
    unknown = set(value) - set(PARAMETERS)
    if len(value) != 1 or unknown:
        raise ValueError(f"name exactly one of {', '.join(PARAMETERS)}; given: {', '.join(value) or 'none'}")
    ((name, x),) = value.items()
    return name, np.asarray(x, float)


def _plain(x: Vector) -> Vector | float:
    return float(x) if x.ndim == 0 else x
