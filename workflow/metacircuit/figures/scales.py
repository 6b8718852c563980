"""The natural scale of each effect measure: what the axis shows, where its ticks are, where "no effect" is.

Models work on the analysis scale (log odds ratio, Fisher's z, logit); axes are linear in it and are labelled with the
natural values (odds ratio, correlation, per cent).
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial

import numpy as np

from metacircuit.figures.tick_candidates import MOST_TICKS, correlations, even, percentages, ratios
from metacircuit.wording import MINUS

Function = Callable[[float], float]
Candidates = Callable[[float, float], Iterator[Sequence[float]]]


@dataclass(frozen=True, slots=True)
class Scale:
    """How one effect measure is shown.

    Parameters
    ----------
    label : the axis label
    heading : the short name above the column of estimates
    noun : the name in running text, in the plural
    null : where "no effect" is on the analysis scale; None where there is no such value (a prevalence)
    natural, analysis : functions from the analysis to the natural scale and back
    candidates : sets of ticks (natural scale) worth considering for an axis from low to high (natural scale)
    decimals : the usual number of decimals of an estimate
    uniform : whether all ticks are written with the same number of decimals
    relative : whether 20 and 22 differ as 2.0 and 2.2 do (ratios): large values then need fewer decimals
    """

    label: str
    heading: str
    noun: str
    null: float | None
    natural: Function
    analysis: Function
    candidates: Candidates
    decimals: int = 2
    uniform: bool = True
    relative: bool = False


@dataclass(frozen=True, slots=True)
class Ticks:
    """Tick positions on the analysis scale with their labels."""

    at: tuple[float, ...]
    labels: tuple[str, ...]


def scale_for(measure: str) -> Scale:
    """The scale of a metafor measure code.

    Parameters
    ----------
    measure : a code such as "SMD", "OR", "ZCOR", "PLO"; upper or lower case

    Returns
    -------
    Scale

    Raises
    ------
    ValueError
        For an unknown code, with the nearest known one.

    Examples
    --------
    >>> odds = scale_for("OR")
    >>> odds.heading, odds.null, round(odds.natural(0.693147), 3)
    ('OR', 0.0, 2.0)
    >>> scale_for("SMDD")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: unknown measure 'SMDD'; did you mean 'SMD'? Known are ABT, AHW, ...
    """
    found = _SCALES.get(measure.upper())
    if found is None:
        near = get_close_matches(measure.upper(), _SCALES, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise ValueError(f"unknown measure {measure!r}{hint} Known are {', '.join(sorted(_SCALES))}")
    return found


def choose_ticks(scale: Scale, low: float, high: float, room: Callable[[str], float]) -> Ticks:
    """The fullest set of round natural values between two limits whose labels do not touch.

    Parameters
    ----------
    low, high : limits on the analysis scale
    room : what a label takes of the axis with the space around it, on the analysis scale

    Examples
    --------
    >>> choose_ticks(scale_for("OR"), -1.5, 1.5, lambda label: 0.3).labels
    ('0.25', '0.5', '1', '2', '4')
    >>> choose_ticks(scale_for("SMD"), -0.7, 1.2, lambda label: 0.3).labels
    ('−0.5', '0.0', '0.5', '1.0')
    >>> choose_ticks(scale_for("PLO"), -5.0, 2.0, lambda label: 0.6).labels
    ('1', '2', '5', '10', '20', '50', '80')
    """
    best = Ticks((), ())
    # A tick that is the limit itself must not be lost to rounding.
    slack = 1e-9 * (high - low)
    for candidate in scale.candidates(scale.natural(low), scale.natural(high)):
        values = [value for value in candidate if low - slack <= scale.analysis(value) <= high + slack]
        if len(best.at) < len(values) <= MOST_TICKS:
            at = tuple(min(max(scale.analysis(value), low), high) for value in values)
            ticks = Ticks(at, _tick_labels(scale, values))
            best = ticks if _apart(ticks, room) else best
    return best


def _apart(ticks: Ticks, room: Callable[[str], float]) -> bool:
    """Whether each label has the room it needs, half of it at each side."""
    rooms = [room(label) for label in ticks.labels]
    gaps = zip(ticks.at, ticks.at[1:], rooms, rooms[1:], strict=False)
    return all(b - a >= (left + right) / 2 for a, b, left, right in gaps)


def _tick_labels(scale: Scale, values: Sequence[float]) -> tuple[str, ...]:
    decimals = max(map(_decimals, values)) if scale.uniform else None
    return tuple(_tick_label(value, decimals) for value in values)


def _decimals(value: float) -> int:
    """How many decimals the shortest form of a round number has."""
    text = np.format_float_positional(round(value, 12), trim="-")
    return len(text.partition(".")[2])


def _tick_label(value: float, decimals: int | None) -> str:
    """A tick in its shortest form, or with a fixed number of decimals."""
    magnitude = abs(value)
    if magnitude == 0 and (decimals or 0) > 4:
        return "0"
    if magnitude >= 1e6 or 0 < magnitude < 1e-4:
        mantissa, exponent = f"{magnitude:.3e}".split("e")
        text = f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}".replace("e-", f"e{MINUS}")
    else:
        text = f"{magnitude:,.{_decimals(magnitude) if decimals is None else decimals}f}"
    return (MINUS if value < 0 else "") + text


def _same(value: float) -> float:
    return value


def _exp(value: float) -> float:
    """exp that ends at infinity, as an interval on an axis may."""
    return math.exp(value) if value < 700 else math.inf


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf


def _atanh(value: float) -> float:
    return math.atanh(value) if -1 < value < 1 else math.copysign(math.inf, value)


def _percent_of_logit(value: float) -> float:
    return 100.0 / (1.0 + _exp(-value))


def _logit_of_percent(value: float) -> float:
    return _log(value / (100.0 - value)) if 0 < value < 100 else math.copysign(math.inf, value - 50)


def _percent_of_arcsine(value: float) -> float:
    return 100.0 * math.sin(min(max(value, 0.0), math.pi / 2)) ** 2


def _arcsine_of_percent(value: float) -> float:
    return math.asin(math.sqrt(min(max(value, 0.0), 100.0) / 100.0))


_linear = partial(Scale, null=0.0, natural=_same, analysis=_same, candidates=even)
_ratio = partial(Scale, null=0.0, natural=_exp, analysis=_log, candidates=ratios, uniform=False, relative=True)
_fisher = partial(Scale, null=0.0, natural=math.tanh, analysis=_atanh, candidates=correlations, uniform=False)
_percent = partial(Scale, null=None, candidates=percentages, decimals=1, uniform=False)

_SMD = _linear("Standardised mean difference (Hedges’ g)", "SMD", "standardised mean differences")
_CHANGE = _linear("Standardised mean change", "SMC", "standardised mean changes")
_OR = _ratio("Odds ratio (log scale)", "OR", "odds ratios")
_R = _linear("Correlation (r)", "r", "correlations")
_Z = _fisher("Correlation (r)", "r", "correlations")
_PARTIAL = _linear("Partial correlation (r)", "r", "partial correlations")
_PERCENT = "Proportion (%)", "%", "proportions"


def _table() -> dict[str, Scale]:
    """Every measure code that the effects package knows, with its scale."""
    table = dict.fromkeys(("SMD", "SMDH", "SMD1", "SMD1H", "OR2D", "OR2DL", "OR2DN", "PBIT"), _SMD)
    table |= dict.fromkeys(("SMCC", "SMCR", "SMCRH", "SMCRP", "SMCRPH"), _CHANGE)
    table |= dict.fromkeys(("OR", "PETO", "D2OR", "D2ORL", "D2ORN", "MPOR", "MPORM", "MPORC", "MPPETO"), _OR)
    table |= dict.fromkeys(("RR", "MPRR"), _ratio("Risk ratio (log scale)", "RR", "risk ratios"))
    table |= {"IRR": _ratio("Incidence rate ratio (log scale)", "IRR", "incidence rate ratios")}
    table |= {"HR": _ratio("Hazard ratio (log scale)", "HR", "hazard ratios")}
    table |= dict.fromkeys(("ROM", "ROMC"), _ratio("Ratio of means (log scale)", "Ratio", "ratios of means"))
    table |= dict.fromkeys(("VR", "VRC"), _ratio("Variability ratio (log scale)", "VR", "variability ratios"))
    cv_ratio = _ratio("Coefficient of variation ratio (log scale)", "CVR", "coefficient of variation ratios")
    table |= dict.fromkeys(("CVR", "CVRC"), cv_ratio)
    table |= dict.fromkeys(("ZCOR", "ZPHI", "ZTET", "ZPB", "ZBIS", "ZR2", "ZR2F"), _Z)
    table |= dict.fromkeys(("ZPCOR", "ZSPCOR"), _fisher("Partial correlation (r)", "r", "partial correlations"))
    table |= dict.fromkeys(("COR", "UCOR", "RPB", "RBIS", "PHI", "RTET", "YUQ", "YUY"), _R)
    table |= dict.fromkeys(("PCOR", "SPCOR"), _PARTIAL)
    table |= {"PLO": _percent(*_PERCENT, natural=_percent_of_logit, analysis=_logit_of_percent)}
    table |= {"PAS": _percent(*_PERCENT, natural=_percent_of_arcsine, analysis=_arcsine_of_percent)}
    table |= {"PR": _percent(*_PERCENT, natural=lambda p: 100 * p, analysis=lambda p: p / 100)}
    log_percent = _percent(*_PERCENT, natural=lambda y: 100 * _exp(y), analysis=lambda p: _log(p / 100))
    table |= {"PLN": log_percent}
    table |= dict.fromkeys(("MD", "MC"), _linear("Mean difference", "MD", "mean differences"))
    table |= dict.fromkeys(("RD", "MPRD"), _linear("Risk difference", "RD", "risk differences"))
    return table | {code: _plain(code) for code in _UNNAMED}


_UNNAMED = ("ABT", "AHW", "ARAW", "AS", "AUC", "AUCCN", "AUCN", "CLES", "CLESCN", "CLESN", "CVLN", "GEN", "HD", "IR")
_UNNAMED += ("IRD", "IRFT", "IRLN", "IRS", "IRSD", "MN", "MNLN", "PFT", "PRZ", "R2", "R2F", "REH", "SDLN", "SMN")


def _plain(code: str) -> Scale:
    """A measure without a natural scale of its own, shown as it is analysed."""
    return _linear(f"Effect ({code})", code, f"effects ({code})")


_SCALES = _table()
