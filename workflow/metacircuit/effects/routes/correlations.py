"""Routes to Fisher's z of a correlation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metacircuit.effects.convert import correlation, significance, wald
from metacircuit.effects.measures.biserial import z_point_biserial
from metacircuit.effects.measures.correlations import zcor
from metacircuit.effects.measures.scale_changes import LOGISTIC
from metacircuit.effects.measures.table_association import z_phi
from metacircuit.effects.routes import conditions as when
from metacircuit.effects.routes.differences import CHI2, DIFFERENCES, MEANS_P, F, P, R, T, Z
from metacircuit.effects.routes.odds import OR_CI, OR_P, cells, of_two_groups
from metacircuit.effects.routes.sizes import effective_groups, effective_total
from metacircuit.effects.routes.spec import Options, Route, Rule

if TYPE_CHECKING:
    from metacircuit.effects.routes.columns import Columns
    from metacircuit.effects.routes.differences import Difference
    from metacircuit.effects.routes.spec import Floats

_Z = "yi = artanh r; vi = 1 / (n - 3)"
_Z_DF = "r = t / sqrt(t^2 + df); yi = artanh r; vi = 1 / (df - 1)"
_T_SOURCE = "Aloe and Thompson (2013); Fisher (1921)"
_ASSOCIATION = ("association",)
_ALSO_OF_ASSOCIATIONS = (T, F, Z, P)
_EVEN_SPLIT = 4.0


def _of_t(c: Columns, t: Floats) -> tuple[Floats, Floats]:
    """A model with covariates has df below n - 2, and its partial correlation a variance of 1/(df - 1)."""
    df = c["df"]
    return np.arctanh(correlation.r_from_t(t, df)), 1 / (df - 1)


def _of_beta(c: Columns, _: Options) -> tuple[Floats, Floats]:
    """The rule treats the two signs differently, so the coded direction comes first."""
    beta = np.where(np.isnan(c["direction"]), c["beta_std"], np.abs(c["beta_std"]) * c["direction"])
    return zcor(correlation.r_from_beta(beta), effective_total(c))


def _of_odds(way: Route) -> Route:
    def estimate(c: Columns, options: Options) -> tuple[Floats, Floats]:
        y, v = (np.asarray(x) for x in way.estimate(c, options))
        d, v_d = y / LOGISTIC, v / LOGISTIC**2
        return np.arctanh(d / np.sqrt(d**2 + _EVEN_SPLIT)), v_d / (d**2 + _EVEN_SPLIT)

    return Route(
        id=f"zcor.{way.id.partition('.')[2]}",
        measure="ZCOR",
        label=way.label,
        needs=way.needs,
        formula=f"{way.formula}; d = yi sqrt(3)/pi, r = d / sqrt(d^2 + 4); yi = artanh r; vi = v_d / (d^2 + 4)",
        source=f"{way.source}; Borenstein et al. (2009), equations 7.1, 7.2, 7.7 and 7.9",
        why="Two conversions, each with an assumption.",
        estimate=estimate,
        sign="own",
        rules=(*way.rules, of_two_groups(way)),
        flags=("converted_or", *way.flags),
        notices=way.notices,
        by_sizes=way.by_sizes,
    )


def _of_difference(way: Difference) -> Route:
    return Route(
        id=f"zcor.{way.name}_groups",
        measure="ZCOR",
        label=f"{way.label}, of two groups",
        needs=way.needs,
        formula=f"{way.formula}; r = d / sqrt(d^2 + h); yi = artanh r; vi = v(r) / (1 - r^2)^2",
        source=f"{way.source}; Jacobs and Viechtbauer (2017) (metafor's ZPB)",
        why=f"The point-biserial correlation with membership. {way.why}",
        estimate=lambda c, _: z_point_biserial(way.d(c), *effective_groups(c)),
        serves=("groups",) if way in _ALSO_OF_ASSOCIATIONS else way.serves,
        sign=way.sign,
        rules=way.rules,
        flags=way.flags,
        notices=way.notices,
        limit=way.limit,
    )


PRINTED_R = Route(
    "zcor.r",
    "ZCOR",
    "r",
    ("r", "total"),
    _Z,
    "Fisher (1921), Metron 1, 3-32",
    "The definition itself.",
    lambda c, _: zcor(c["r"], effective_total(c)),
    sign="own",
    rules=(when.R_RANGE, when.ENOUGH_FOR_Z),
    limit=True,
)
R_CI = Route(
    "zcor.r_ci",
    "ZCOR",
    "r with 95% CI",
    ("r", "r_lo", "r_hi"),
    "yi = artanh r; vi = ((artanh r_hi - artanh r_lo) / (2 z(0.975)))^2",
    "Fisher (1921); Cochrane Handbook 6.3.1",
    "Where n is missing; intervals of r are made on Fisher's scale.",
    lambda c, _: (np.arctanh(c["r"]), wald.variance_from_ci(np.arctanh(c["r_lo"]), np.arctanh(c["r_hi"]))),
    sign="own",
    rules=(when.inside("r_lo", 1), when.inside("r_hi", 1), when.ordered("r_lo", "r", "r_hi")),
    by_sizes=False,
)
BY_T = Route(
    "zcor.t",
    "ZCOR",
    "t of a correlation or a slope",
    ("t", "df"),
    _Z_DF,
    _T_SOURCE,
    "The same r, up to rounding; a partial r where the model has covariates.",
    lambda c, _: _of_t(c, c["t"]),
    serves=_ASSOCIATION,
    sign="printed",
    rules=(when.ENOUGH_DF,),
    by_sizes=False,
)
BY_F = Route(
    "zcor.f",
    "ZCOR",
    "F(1, df) of a slope",
    ("f", "df1", "df"),
    f"|t| = sqrt(F); {_Z_DF}",
    _T_SOURCE,
    "The same as t, without its sign.",
    lambda c, _: _of_t(c, significance.t_from_f(c["f"])),
    serves=_ASSOCIATION,
    rules=(when.ONE_DF, when.F_RANGE, when.ENOUGH_DF),
    by_sizes=False,
)
COUNTS = Route(
    "zcor.phi",
    "ZCOR",
    "phi of the counts of both groups",
    ("events1", "total1", "events2", "total2"),
    "phi = (a d - b c) / sqrt((a + b)(c + d)(a + c)(b + d)); yi = artanh phi; vi = v(phi) / (1 - phi^2)^2",
    "Yule (1912), p. 603 (metafor's ZPHI)",
    "A correlation of two yes-or-no variables.",
    lambda c, _: z_phi(*cells(c, add=False)),
    sign="own",
    rules=(
        when.COUNTS,
        Rule(
            lambda c: (c["events1"] + c["events2"] > 0) & (c["events1"] + c["events2"] < c["total1"] + c["total2"]),
            "phi needs both events and non-events",
        ),
    ),
    flags=("phi_as_r",),
)
BY_CHI2 = Route(
    "zcor.chi2",
    "ZCOR",
    "chi-square(1)",
    ("chi2", "total"),
    f"r = sqrt(chi2 / n); {_Z}",
    "Lipsey and Wilson (2001), appendix B; Fisher (1921)",
    "A correlation of two yes-or-no variables, without its sign.",
    lambda c, _: zcor(correlation.phi_from_chi2(c["chi2"], c["total"]), effective_total(c)),
    rules=(when.TWO_BY_TWO, when.CHI2_RANGE, when.ENOUGH_FOR_Z),
    flags=("phi_as_r",),
)
BY_Z = Route(
    "zcor.z",
    "ZCOR",
    "z of a rank or normal test",
    ("z", "df"),
    f"|t| has the p of z; {_Z_DF}",
    f"Rosenthal and Rubin (2003), r_equivalent; {_T_SOURCE}",
    "Knows the significance to many digits, the correlation only through it.",
    lambda c, _: _of_t(c, significance.t_from_z(c["z"], c["df"]) * np.where(c["z"] < 0, -1, 1)),
    serves=_ASSOCIATION,
    sign="printed",
    rules=(when.Z_RANGE, when.ENOUGH_DF),
    flags=("rank_test",),
    by_sizes=False,
)
BETA = Route(
    "zcor.beta",
    "ZCOR",
    "standardised slope",
    ("beta_std", "total"),
    f"r = 0.98 beta + 0.05 (beta >= 0); {_Z}",
    "Peterson and Brown (2005), Journal of Applied Psychology 90, 175-181",
    "An imputation: the slope depends on what else is in the model.",
    _of_beta,
    sign="own",
    rules=(when.BETA_RANGE, when.ENOUGH_FOR_Z),
    flags=("beta_as_r",),
    notices=(("beta_out_of_range", lambda c: np.abs(c["beta_std"]) > correlation.BETA_RANGE),),
    limit=True,
)
BY_P = Route(
    "zcor.p",
    "ZCOR",
    "exact p",
    ("exact_p", "df"),
    f"|t| = t quantile at 1 - p/2; {_Z_DF}",
    f"Rosenthal and Rubin (2003), r_equivalent; {_T_SOURCE}",
    "Coarse: p = .001 stands for all from .0005 to .0015.",
    lambda c, _: _of_t(c, significance.t_from_p(c["exact_p"], c["df"])),
    serves=_ASSOCIATION,
    rules=(when.P_RANGE, when.ENOUGH_DF),
    by_sizes=False,
)

_OF_GROUPS = tuple(_of_difference(way) for way in DIFFERENCES if way not in (R, CHI2, MEANS_P, P))
ZCOR_ROUTES = (
    *(PRINTED_R, R_CI, BY_T, BY_F, *_OF_GROUPS, COUNTS, BY_CHI2, BY_Z, BETA),
    *(_of_odds(OR_CI), BY_P, _of_difference(MEANS_P), _of_difference(P), _of_odds(OR_P)),
)
