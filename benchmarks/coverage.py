"""Simulate how often 95% intervals hold the truth: `python benchmarks/coverage.py` writes docs/coverage.md.

The fitted models are CHE with CR2 errors, which assumes a correlation of 0.6 whatever the truth, and for comparison
REML with Knapp–Hartung tests on the first effect of each study.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from metacircuit import rma_mv
from metacircuit.stats.batch import fit_many
from scipy.special import stdtrit
from simulation import MOST_EFFECTS, Review, Scenario, reviews
from writing import number, table

PAGE = Path(__file__).parents[1] / "docs" / "coverage.md"
ASSUMED_RHO = 0.6
# What is asked for at ten studies.
LOWEST, HIGHEST = 0.93, 0.97
# How the reviews of a row were made.
MADE = ("studies", "of", "rho", "tau2", "omega2")

# Two thousand replicates where the requirement is, half as many for the outlook to other sizes.
SCENARIOS = (
    Scenario(10),
    Scenario(10, rho=0.2),
    Scenario(10, rho=0.8),
    Scenario(10, tau2=0.0, omega2=0.0),
    Scenario(10, tau2=0.2),
    Scenario(10, moderator=True, replicates=1000),
    Scenario(5, replicates=1000),
    Scenario(20, replicates=1000),
    Scenario(40, replicates=1000),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one review: which intervals hold the truth, and the reported interval's form."""

    reported: bool
    t_only: bool
    model_based: bool
    bootstrapped: bool
    df: float
    half_width: float
    usable: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of a scenario; shares of its reviews, medians of df and half width."""

    scenario: Scenario
    reported: float
    t_only: float
    model_based: float
    knapp_hartung: float
    bootstrapped: float
    df: float
    half_width: float
    unusable: int

    def error(self, share: float) -> float:
        """Monte Carlo standard error of a share."""
        return float(np.sqrt(share * (1 - share) / self.scenario.replicates))


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate all scenarios and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a handful of replicates, to see that everything runs")
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args(arguments)
    scenarios = [replace(s, replicates=2) for s in SCENARIOS] if options.quick else SCENARIOS
    summaries = [simulate(s, f"{i} of {len(scenarios)}") for i, s in enumerate(scenarios, 1)]
    print(file=sys.stderr)
    options.page.parent.mkdir(parents=True, exist_ok=True)
    options.page.write_text(page(summaries), "utf-8", newline="\n")
    print(f"{options.page} is written.")


def simulate(scenario: Scenario, position: str) -> Summary:
    """Fit every review of a scenario and count."""
    outcomes, firsts = [], []
    for n, review in enumerate(reviews(scenario), 1):
        outcomes.append(che(scenario, review))
        firsts.append(first_effects(review))
        if n % 50 == 0:
            done = f"{position}: {scenario.name}: {n} of {scenario.replicates}"
            print(f"\r{done}", end="\x1b[K", file=sys.stderr, flush=True)

    def share(name: str) -> float:
        return float(np.mean([getattr(o, name) for o in outcomes]))

    return Summary(
        scenario,
        share("reported"),
        share("t_only"),
        share("model_based"),
        knapp_hartung(scenario, np.array(firsts)),
        share("bootstrapped"),
        float(np.median([o.df for o in outcomes])),
        float(np.median([o.half_width for o in outcomes])),
        sum(not o.usable for o in outcomes),
    )


def che(scenario: Scenario, review: Review) -> Outcome:
    """The CHE model with robust errors; an interval that does not exist holds nothing."""
    i, truth = scenario.coefficient, scenario.truth
    moderator = scenario.design()[review.study, 1:] if scenario.moderator else None
    fit = rma_mv(review.y, review.v, study=review.study, rho=ASSUMED_RHO, mods=moderator)
    robust = fit.robust("CR2")
    return Outcome(
        reported=bool(robust.ci_lb[i] <= truth <= robust.ci_ub[i]),
        t_only=bool(robust.ci_lb_t[i] <= truth <= robust.ci_ub_t[i]),
        model_based=bool(fit.ci_lb[i] <= truth <= fit.ci_ub[i]),
        bootstrapped=bool(np.isfinite(robust.pval_bootstrap[i])),
        df=float(robust.df[i]),
        half_width=float(robust.ci_ub[i] - robust.ci_lb[i]) / 2,
        usable=fit.converged and bool(np.isfinite(robust.se[i])),
    )


def first_effects(review: Review) -> np.ndarray:
    """(2, J) the first effect of each study, and its variance."""
    _, first = np.unique(review.study, return_index=True)
    return np.stack([review.y[first], review.v[first]])


def knapp_hartung(scenario: Scenario, firsts: np.ndarray) -> float:
    """Coverage of REML with Knapp–Hartung, from (replicates, 2, J) independent effects."""
    i = scenario.coefficient
    fits = fit_many(firsts[:, 0], firsts[:, 1], scenario.design(), method="REML", test="knha")
    distance = np.abs(fits.beta[:, i] - scenario.truth)
    return float((distance <= stdtrit(fits.dfs, 0.975) * fits.se[:, i]).mean())


def page(summaries: Sequence[Summary]) -> str:
    """The page of the documentation."""
    required = [s for s in summaries if s.scenario.studies == 10]
    inside = [s for s in required if LOWEST <= s.reported <= HIGHEST]
    parts = [
        "# Coverage of the intervals",
        "Written by `python benchmarks/coverage.py`; do not edit. How often the 95% interval of the correlated and "
        "hierarchical effects (CHE) model with CR2 errors and Satterthwaite degrees of freedom holds the true effect.",
        f"Simulated reviews have one to {MOST_EFFECTS} effects a study, sampling variances between 0.02 and 0.2, "
        "errors with the correlation rho within a study, and effects that vary by tau2 between studies and omega2 "
        f"within them. The fitted model assumes rho = {ASSUMED_RHO:g} throughout. A row with a slope has one "
        "moderator, which splits the studies in two halves; the other rows have none, and their interval is that of "
        "the mean. Each scenario is seeded by its name, so the table comes out the same again.",
        f"With ten studies the coverage shall lie between {_share(LOWEST)} and {_share(HIGHEST)}: it does in "
        f"{len(inside)} of {len(required)} scenarios.",
        table(
            [*MADE, "reviews", "reported", "t alone", "model-based z", "REML + KnHa"],
            [[*_scenario(s), *_coverage(s)] for s in summaries],
            right=range(2, 10),
        ),
        'Coverages have their Monte Carlo standard error beside them. *Reported* is what `robust("CR2")` gives: the '
        "t interval, or that of the wild cluster bootstrap where there are fewer than 4 degrees of freedom; *t alone* "
        "never bootstraps. *Model-based z* is the same CHE model without robust errors, which shows what they are "
        "worth with few studies. *REML + KnHa* takes the first effect of each study only, with the t distribution on "
        "J - p degrees of freedom.",
        table(
            [*MADE, "bootstrapped", "df", "half width", "failed"],
            [[*_scenario(s)[:5], *_form(s)] for s in summaries],
            right=range(2, 9),
        ),
        "Medians of the degrees of freedom and of the half width of the reported interval; shares of reviews whose "
        "interval was bootstrapped; how many reviews did not converge or had no robust error. An interval that does "
        "not exist counts as a miss.",
    ]
    return "\n\n".join(parts) + "\n"


def _scenario(s: Summary) -> list[str]:
    """What the reviews were like."""
    of = "slope" if s.scenario.moderator else "mean"
    values = (f"{x:g}" for x in (s.scenario.rho, s.scenario.tau2, s.scenario.omega2))
    return [str(s.scenario.studies), of, *values, f"{s.scenario.replicates:,}"]


def _coverage(s: Summary) -> list[str]:
    """The four coverages, each with its Monte Carlo error."""
    return [f"{_share(c)} ± {_share(s.error(c))}" for c in (s.reported, s.t_only, s.model_based, s.knapp_hartung)]


def _form(s: Summary) -> list[str]:
    """How the reported interval was made, and how wide it is."""
    return [f"{100 * s.bootstrapped:.0f}%", f"{s.df:.1f}", number(s.half_width), str(s.unusable)]


def _share(x: float) -> str:
    """A share to three places, without the zero before the point."""
    return f"{x:.3f}".removeprefix("0")


if __name__ == "__main__":
    main()
