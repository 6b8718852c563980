"""What would change a verdict: how much more evidence of the same kind, or what else has to come."""

from __future__ import annotations

import math

from scipy.special import ndtri

from metacircuit.claims.evidence import Evidence
from metacircuit.claims.schema import Claim
from metacircuit.claims.verdict import Judgement, Verdict, limit_text
from metacircuit.wording import count, number, p_value

MOST = 10_000
"""More studies than this are not worth a number."""


def studies_needed(gap: float, se: float, studies: float, level: float) -> float:
    r"""How many studies make the interval reach no further than `gap` from an unchanged estimate.

    .. math:: n' = n \left(\frac{z_{1-\alpha/2}\, se}{gap}\right)^2

    Parameters
    ----------
    gap : float
        Distance between the estimate and the limit that its interval must not pass, positive.
    se : float
        Standard error now.
    studies : float
        Studies now.
    level : float
        In percent.

    Returns
    -------
    float
        Rounded up; the standard error is taken to fall with the root of the number of studies.

    Example
    -------
    >>> studies_needed(0.2, 0.2, 10, 95)
    39.0
    """
    return float(math.ceil(studies * (ndtri(0.5 + level / 200) * se / gap) ** 2))


def what_would_change(claim: Claim, evidence: Evidence, judged: Judgement) -> str:
    """Say what would change the verdict on a claim.

    Parameters
    ----------
    claim : Claim
    evidence : Evidence
    judged : Judgement

    Returns
    -------
    str
        One or two sentences; what is missing for a claim that cannot be tested.
    """
    if judged.verdict is Verdict.NOT_TESTABLE:
        return f"To be tested at all: {'; '.join(evidence.missing)}."
    if judged.verdict is not judged.by_numbers:
        return "Certainty above very low: less biased, more consistent or more precise evidence."
    match claim.contrast.test:
        case "count":
            return f"{number(claim.sesoi.value, 0)} studies are the line; there are {count(evidence.studies)}."
        case "heterogeneity":
            return _spread(claim, judged)
        case "between" | "interaction":
            return _between(claim, evidence, judged)
        case _:
            return _effect(claim, evidence, judged)


def _effect(claim: Claim, evidence: Evidence, judged: Judgement) -> str:
    s = claim.sesoi.value
    sign = -1.0 if claim.direction == "negative" else 1.0
    limit = limit_text(sign * s)
    if judged.verdict is not Verdict.INCONCLUSIVE:
        return f"An interval that holds {limit}{f' or −{limit}' if claim.direction == 'two_sided' else ''}."
    if not math.isfinite(evidence.se):
        return "A standard error."
    estimate = abs(evidence.estimate) if claim.direction == "two_sided" else sign * evidence.estimate
    gap = abs(estimate - s)
    way = "support" if estimate > s else "contradict"
    tells = _needed(gap, evidence)
    if way == "contradict" and claim.direction == "two_sided" and evidence.has_prediction:
        reach = float(ndtri(0.5 + evidence.level / 200)) * evidence.tau
        if estimate + reach >= s:
            return (
                f"No number of such studies with an unchanged estimate, since true effects spread too far"
                f" (τ = {number(evidence.tau, 2)}): a moderator that explains the spread, or another estimate."
            )
    return f"With an unchanged estimate ({number(evidence.estimate, 2)}), {tells} would {way} it."


def _needed(gap: float, evidence: Evidence) -> str:
    if gap <= 0 or not evidence.studies > 0:
        return "no number of studies"
    wanted = studies_needed(gap, evidence.se, evidence.studies, evidence.level)
    if wanted > MOST:
        return f"more than {count(MOST)} studies"
    if wanted <= evidence.studies:
        # Few degrees of freedom, not the standard error, keep the interval wide.
        return f"a few more studies like these {count(evidence.studies)}"
    return f"about {count(wanted)} studies like these {count(evidence.studies)}"


def _between(claim: Claim, evidence: Evidence, judged: Judgement) -> str:
    s = limit_text(claim.sesoi.value)
    if judged.verdict is Verdict.SUPPORTED:
        return f"A joint test with p ≥ {number(evidence.alpha, 2)}, or no difference above {s}."
    if judged.verdict is Verdict.CONTRADICTED:
        return f"A difference whose interval reaches beyond {s}."
    outside = sum(not (-claim.sesoi.value < d.ci_lb and d.ci_ub < claim.sesoi.value) for d in evidence.differences)
    return (
        f"For it: a joint test with p < {number(evidence.alpha, 2)} (now {p_value(evidence.pval)}) and a difference"
        f" above {s}. Against it: every interval within ±{s} (now {outside} of {len(evidence.differences)} reach"
        " beyond)."
    )


def _spread(claim: Claim, judged: Judgement) -> str:
    s = limit_text(claim.sesoi.value)
    if judged.verdict is Verdict.INCONCLUSIVE:
        return f"More studies: a narrower interval of τ, wholly above or below {s}."
    return f"An interval of τ that holds {s}."
