"""The page about selection models, from the table of the simulation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from publication import LARGEST_V, SIGNIFICANT, SMALLEST_V
from simulation import MOST_EFFECTS
from writing import number, table

# What counts as found: a bias that cannot be told from zero or is too small to matter, and coverage that cannot be told
# from 95%.
SMALL_BIAS = 0.02
NOMINAL = 0.95
ERRORS = 3.0
# Effects or studies below which a literature is told of separately.
FEW = 30
MADE = ("mean", "tau2", "published")


def page(frame: pd.DataFrame, resamples: int) -> str:
    """The page of the documentation."""
    alone, together = (frame[frame.kind == kind] for kind in ("independent", "dependent"))
    parts = [
        "# Do selection models find the truth?",
        "Written by `python benchmarks/selection.py`; do not edit. Published literatures are drawn from a known truth, "
        "and fitted with and without a model of the selection.",
        f"Every effect whose one-sided p-value is at most {SIGNIFICANT:g} is published. The others are published with "
        "the probability in the column *published*, until there are as many effects (or studies with at least one "
        f"effect) as the row says. Sampling variances lie between {SMALLEST_V:g} and {LARGEST_V:g} before selection, "
        "true effects are normal with the mean and the tau2 of the row. The selection model is the three-parameter "
        f"model, `selmodel(y, v, steps={SIGNIFICANT:g})`: its assumptions are exactly those of the simulation, so this "
        "is the best that can be expected of it. Each literature is seeded by its scenario and number, so the "
        "tables come out the same again.",
        "Bias and coverage have their Monte Carlo standard error beside them. Coverage is the share of the 95% "
        "intervals that hold the true mean; an interval that does not exist is a miss.",
        "## Independent effects",
        _main_table(alone, "effects"),
        *_said_of_independent(alone),
        "## Dependent effects",
        f"Studies have one to {MOST_EFFECTS} effects before selection, whose sampling errors correlate by 0.6; tau2 is "
        "the sum of the variances between studies (0.04) and within them (0.01). Each effect is selected by its own "
        "p-value. *k* is the median number of published effects. The three-parameter model takes all effects as "
        "independent; its estimate is the same in all its rows, and what differs is the interval: from the likelihood, "
        f"from clusters (`cluster=`), or from {resamples} resamples of whole studies (`bootstrap={resamples}`, "
        "percentile limits), for the first literatures only.",
        _main_table(together, "studies"),
        *_said_of_dependent(together),
        "## What is learnt of the selection",
        "The median over literatures, with quartiles, of the estimated probability of publication; how often the "
        "likelihood-ratio test at 5% says that there is selection (it takes the effects of studies, too, as "
        "independent); how many estimates lie on the bound of what is allowed, and how many have no interval.",
        _selection_table(frame),
        *_said_of_selection(frame),
        "## What this does not show",
        "Literatures in which something else drives publication (the size of the effect, the wish for a null result, "
        "whole studies kept back, other p-value cuts), true effects that are not normal, or variances that depend on "
        "the true effects. There the model is wrong, and nothing here says by how much. A corrected estimate is "
        "therefore a sensitivity analysis: it shows what the mean would be if selection had worked in this way.",
        "The same figures, and more of them, are in `benchmarks/selection.csv`.",
    ]
    return "\n\n".join(parts) + "\n"


def _main_table(frame: pd.DataFrame, unit: str) -> str:
    """Bias and coverage of each model in each scenario."""
    studies = ["k"] if unit == "studies" else []
    header = [unit, *studies, *MADE, "model", "drawn", "bias", "RMSE", "SD", "median SE", "coverage"]
    rows = [
        [
            str(row.units),
            *([f"{row.median_k:.0f}"] if studies else []),
            *(f"{x:g}" for x in (row.mu, row.tau2, row.published)),
            row.method,
            str(row.literatures),
            f"{_signed(row.bias)} ± {row.bias_mcse:.3f}",
            *(number(x) for x in (row.rmse, row.sd, row.median_se)),
            f"{_share(row.coverage)} ± {_share(row.coverage_mcse)}",
        ]
        for row in frame.itertuples()
    ]
    model = header.index("model")
    return table(header, rows, right=[i for i in range(len(header)) if i != model])


def _selection_table(frame: pd.DataFrame) -> str:
    """What selection models say about the selection itself; clustered rows share their estimates with the first."""
    rows = [
        [
            f"{row.units} {'studies' if row.kind == 'dependent' else 'effects'}",
            *(f"{x:g}" for x in (row.mu, row.tau2, row.published)),
            f"{row.delta_median:.2f} ({row.delta_q1:.2f} to {row.delta_q3:.2f})",
            number(row.median_tau2),
            _percent(row.lrt_rejects),
            str(row.at_bound),
            str(row.no_interval),
        ]
        for row in _first_fits(frame).itertuples()
    ]
    header = ["literature", *MADE, "estimated", "tau2 estimated", "test rejects", "at bound", "no interval"]
    return table(header, rows, right=range(1, len(header)))


def _first_fits(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame.method.isin(["3PSM", "3PSM, model-based"])]


def _said_of_independent(frame: pd.DataFrame) -> list[str]:
    selected, none = frame[frame.published < 1], frame[frame.published == 1]
    naive, model = (selected[(selected.method == name) & (selected.units >= FEW)] for name in ("REML + KnHa", "3PSM"))
    few = selected[(selected.method == "3PSM") & (selected.units < FEW)]
    free = none.set_index("method")
    wider = free.sd["3PSM"] / free.sd["REML + KnHa"]
    return [
        f"**With {model.units.min()} effects or more.** Without correction the mean is too high by "
        f"{_range(naive.bias)}, and its interval holds the truth in {_range(100 * naive.coverage, '.0f')}% of the "
        f"literatures. The three-parameter model's bias lies between {_signed(model.bias.min())} and "
        f"{_signed(model.bias.max())}; {_fine_bias(model)}. Its intervals cover "
        f"{_range(100 * model.coverage, '.1f')}%; more than {ERRORS:g} Monte Carlo errors below 95% lie {_low(model)}.",
        f"**With {few.units.min()} to {few.units.max()} effects** its bias lies between {_signed(few.bias.min())} and "
        f"{_signed(few.bias.max())}, its intervals cover {_range(100 * few.coverage, '.1f')}% ({_low(few)} more than "
        f"{ERRORS:g} Monte Carlo errors below 95%), and its estimates vary with a standard deviation of "
        f"{_range(few.sd)}: a single corrected estimate then says little, whatever its interval claims.",
        f"**The price.** Where nothing was selected (*published* is 1) the corrected estimate varies {number(wider)} "
        f"times as much as the mean of REML (SD {number(free.sd['3PSM'])} against {number(free.sd['REML + KnHa'])}), "
        f"with a bias of {_signed(free.bias['3PSM'])}.",
    ]


def _said_of_dependent(frame: pd.DataFrame) -> list[str]:
    methods = ("CHE + CR2", "3PSM, model-based", "3PSM, cluster-robust", "3PSM, cluster bootstrap")
    rows = {name: frame[frame.method == name] for name in methods}
    naive, plain, robust, resampled = (part[part.units >= FEW] for part in rows.values())
    units = sorted(frame.units.unique())
    return [
        f"**The mean, with {plain.units.min()} studies or more.** The CHE model, which knows of the dependence and not "
        f"of the selection, is too high by {_range(naive.bias)}. The three-parameter model, which knows of the "
        f"selection and not of the dependence, has a bias between {_signed(plain.bias.min())} and "
        f"{_signed(plain.bias.max())}; {_fine_bias(plain)}.",
        "**The interval needs the clusters.** There model-based intervals cover "
        f"{_range(100 * plain.coverage, '.1f')}%, cluster-robust ones {_range(100 * robust.coverage, '.1f')}% and "
        f"those of the cluster bootstrap {_range(100 * resampled.coverage, '.1f')}%. More than {ERRORS:g} Monte Carlo "
        f"errors below 95% lie {_low(plain)} of the first kind, {_low(robust)} of the second and {_low(resampled)} of "
        "the third.",
        "**It needs many of them.** Coverage by number of studies: "
        + "; ".join(_by_units(rows, n) for n in units)
        + ".",
    ]


def _by_units(rows: dict[str, pd.DataFrame], units: int) -> str:
    """Coverages at one number of studies."""
    names = {
        "3PSM, model-based": "model-based",
        "3PSM, cluster-robust": "robust",
        "3PSM, cluster bootstrap": "bootstrap",
    }
    mean = {said: 100 * rows[name][rows[name].units == units].coverage.mean() for name, said in names.items()}
    return f"with {units}, " + ", ".join(f"{said} {value:.1f}%" for said, value in mean.items())


def _said_of_selection(frame: pd.DataFrame) -> list[str]:
    first = _first_fits(frame)
    selected, none = first[first.published < 1], first[first.published == 1]
    widest = selected.loc[(selected.delta_q3 - selected.delta_q1).idxmax()]
    return [
        f"**Recovered: how strong the selection is, over many literatures.** The medians lie between "
        f"{selected.delta_median.min():.2f} and {selected.delta_median.max():.2f} where "
        f"{selected.published.iloc[0]:g} is true. One literature says much less: in the least favourable scenario the "
        f"quartiles are {widest.delta_q1:.2f} and {widest.delta_q3:.2f}. The test finds the selection in "
        f"{_range(100 * selected.lrt_rejects, '.0f')}% of the literatures, and finds some in "
        f"{_percent(none.lrt_rejects.iloc[0])} of those that have none. That it rejects nothing is no proof that "
        "nothing was selected.",
    ]


def _fine_bias(frame: pd.DataFrame) -> str:
    fine = frame.bias.abs() <= np.maximum(ERRORS * frame.bias_mcse, SMALL_BIAS)
    how = f"within {ERRORS:g} Monte Carlo errors of zero or below {SMALL_BIAS:g}"
    return f"it is {how} in {int(fine.sum())} of {len(frame)} scenarios"


def _low(frame: pd.DataFrame) -> str:
    low = frame.coverage + ERRORS * np.sqrt(NOMINAL * (1 - NOMINAL) / frame.literatures) < NOMINAL
    return f"{int(low.sum())} of {len(frame)}"


def _signed(x: float) -> str:
    """Three places, and no minus before a zero."""
    return f"{round(x, 3) + 0.0:+.3f}"


def _range(values: Sequence[float], form: str = ".2f") -> str:
    low, high = (format(x, form) for x in (np.min(values), np.max(values)))
    return low if low == high else f"{low} to {high}"


def _share(x: float) -> str:
    """A share to three places, without the zero before the point."""
    return f"{x:.3f}".removeprefix("0")


def _percent(x: float) -> str:
    return "" if np.isnan(x) else f"{100 * x:.0f}%"
