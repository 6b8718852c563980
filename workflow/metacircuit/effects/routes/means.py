"""Routes to the measures that compare means and SDs on their own scale, or by their ratios: MD, SMDH, ROM, VR, CVR."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metacircuit.effects.measures import two_means, variability
from metacircuit.effects.routes import moments
from metacircuit.effects.routes.moments import GROUPS, MEANS_CHANGE, MEANS_CI, MEANS_SD, MEANS_SE, MOMENTS, Moments
from metacircuit.effects.routes.sizes import effective_groups
from metacircuit.effects.routes.spec import Options, Route, Rule

if TYPE_CHECKING:
    from metacircuit.effects.measures.core import Effect
    from metacircuit.effects.routes.columns import Columns
    from metacircuit.effects.routes.spec import Floats

_ONE_SD = (moments.MEANS_T, moments.MEANS_P)


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A measure of two groups described by means and SDs, and the ways to these that it can trust."""

    measure: str
    formula: str
    source: str
    function: Callable[..., Effect]
    ways: Sequence[Moments]
    of_ratios: bool = False


def _both_positive(way: Moments) -> Rule:
    def holds(c: Columns) -> Floats:
        mean1, _, mean2, _ = way.moments(c)
        return (mean1 > 0) & (mean2 > 0)

    return Rule(holds, "a ratio needs both means above 0, on a scale with a true zero")


def _route(to: _Comparison, way: Moments) -> Route:
    def estimate(c: Columns, options: Options) -> tuple[Floats, Floats]:
        mean1, sd1, mean2, sd2 = way.moments(c)
        n1, n2 = effective_groups(c)
        return options.formula_of(to.measure, to.function)(mean1, sd1, n1, mean2, sd2, n2)

    return Route(
        f"{to.measure.lower()}.{way.name}",
        to.measure,
        way.label,
        way.needs,
        f"{way.step}; {to.formula}" if way.step else to.formula,
        f"{way.source}; {to.source}" if way.source else to.source,
        way.why,
        estimate,
        sign="own",
        rules=(*way.rules, _both_positive(way)) if to.of_ratios else way.rules,
        flags=way.flags,
    )


_COMPARISONS = (
    _Comparison(
        "MD",
        "yi = mean1 - mean2; vi = sd1^2/n1 + sd2^2/n2",
        "Borenstein (2009), equations 12.1 and 12.5",
        two_means.md,
        MOMENTS,
    ),
    _Comparison(
        "SMDH",
        "s^2 = (sd1^2 + sd2^2) / 2; yi = J(n1 + n2 - 2) (mean1 - mean2) / s; "
        "vi = yi^2 (sd1^4/(n1 - 1) + sd2^4/(n2 - 1)) / (8 s^4) + (sd1^2/(n1 - 1) + sd2^2/(n2 - 1)) / s^2",
        "Bonett (2008), equation 8; Bonett (2009), equation 5",
        two_means.smdh,
        [way for way in MOMENTS if way not in _ONE_SD],
    ),
    _Comparison(
        "ROM",
        "yi = ln(mean1 / mean2) + (sd1^2/(n1 mean1^2) - sd2^2/(n2 mean2^2)) / 2; "
        "vi = sd1^2/(n1 mean1^2) + sd2^2/(n2 mean2^2)",
        "Lajeunesse (2015), equation 8; Hedges, Gurevitch and Curtis (1999)",
        variability.rom,
        # A ratio of changes has no meaning where a change can be 0.
        [way for way in MOMENTS if way is not MEANS_CHANGE],
        of_ratios=True,
    ),
    # An SD that was estimated from quantiles varies more between samples than the variances of VR and CVR say.
    _Comparison(
        "CVR",
        "yi = ln((sd1/mean1) / (sd2/mean2)) + 1/(2(n1 - 1)) - 1/(2(n2 - 1))"
        " - (sd1^2/(n1 mean1^2) - sd2^2/(n2 mean2^2)) / 2; "
        "vi = 1/(2(n1 - 1)) + sd1^2/(n1 mean1^2) + 1/(2(n2 - 1)) + sd2^2/(n2 mean2^2)",
        "Nakagawa et al. (2015), equation 12 without its correlations; Senior et al. (2020), equation 6",
        variability.cvr,
        (MEANS_SD, MEANS_SE, MEANS_CI),
        of_ratios=True,
    ),
)


def _spreads(way: Moments, name: str, label: str, needs: tuple[str, ...]) -> Route:
    def estimate(c: Columns, options: Options) -> tuple[Floats, Floats]:
        _, sd1, _, sd2 = way.moments(c)
        n1, n2 = effective_groups(c)
        return options.formula_of("VR", variability.vr)(sd1, n1, sd2, n2)

    formula = "yi = ln(sd1 / sd2) + 1/(2(n1 - 1)) - 1/(2(n2 - 1)); vi = 1/(2(n1 - 1)) + 1/(2(n2 - 1))"
    source = "Nakagawa et al. (2015), equation 9; Senior et al. (2020), equation 5"
    return Route(
        f"vr.{name}",
        "VR",
        label,
        (*needs, *GROUPS),
        f"{way.step}; {formula}" if way.step else formula,
        f"{way.source}; {source}" if way.source else source,
        way.why,
        estimate,
        sign="own",
        rules=way.rules,
    )


MEANS_ROUTES: dict[str, tuple[Route, ...]] = {
    **{to.measure: tuple(_route(to, way) for way in to.ways) for to in _COMPARISONS},
    "VR": (
        _spreads(MEANS_SD, "sds", "SDs", ("sd1", "sd2")),
        _spreads(MEANS_SE, "ses", "standard errors of means", ("se1", "se2")),
        _spreads(MEANS_CI, "cis", MEANS_CI.label, MEANS_CI.needs[: -len(GROUPS)]),
    ),
}
