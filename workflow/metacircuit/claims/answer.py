"""Every claim answered: its evidence, its verdict, and what would change it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from metacircuit.claims import single
from metacircuit.claims.change import what_would_change
from metacircuit.claims.evidence import Evidence
from metacircuit.claims.load import Cited
from metacircuit.claims.rows import Results
from metacircuit.claims.schema import Claim
from metacircuit.claims.several import of_between, of_interaction, of_pairs
from metacircuit.claims.verdict import (
    Judgement,
    Verdict,
    judge_between,
    judge_count,
    judge_effect,
    judge_pairs,
    judge_spread,
    not_testable,
    weighed,
)

_TESTS: dict[str, Callable[[Claim, Results], Evidence]] = {
    "stratum": single.of_stratum,
    "variance_ratio": single.of_stratum,
    "heterogeneity": single.of_heterogeneity,
    "count": single.of_count,
    "moderator": single.of_moderator,
    "between": of_between,
    "pairs": of_pairs,
    "interaction": of_interaction,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A claim with what the results say about it."""

    cited: Cited
    evidence: Evidence
    judged: Judgement
    change: str


def answers(claims: Iterable[Cited], results: Mapping[str, Results]) -> list[Answer]:
    """Answer every claim from the results of the review.

    Parameters
    ----------
    claims : iterable of Cited
        In the order in which they are shown.
    results : mapping of str to Results
        The analyses of the review.

    Returns
    -------
    list of Answer

    Raises
    ------
    UserError
        If a claim names a column that the effects do not have.
    """
    return [answer(cited, results) for cited in claims]


def answer(cited: Cited, results: Mapping[str, Results]) -> Answer:
    """Answer one claim."""
    claim = cited.claim
    evidence = gather(claim, results)
    judged = judge(claim, evidence)
    return Answer(cited, evidence, judged, what_would_change(claim, evidence, judged))


def gather(claim: Claim, results: Mapping[str, Results]) -> Evidence:
    """Collect what the results say about a claim; what it `needs` is what is missing where the test cannot be done."""
    own = results.get(claim.analysis)
    if own is None:
        return Evidence(missing=claim.needs)
    if claim.grouping not in ("overall", *own.spec.groupings):
        return Evidence(missing=claim.needs)
    found = _TESTS[claim.contrast.test](claim, own)
    return replace(found, missing=(*found.missing, *claim.needs)) if found.missing else found


def judge(claim: Claim, evidence: Evidence) -> Judgement:
    """Judge a claim by the rule of its test; the certainty of effects counts, that of counts and spreads does not."""
    direction, s = claim.direction, claim.sesoi.value
    if not evidence.testable:
        # Of a claim about several pairs, one that is contradicted is enough, whatever the others lack.
        pairs = judge_pairs(direction, evidence.differences, s) if evidence.differences else None
        if pairs is None or pairs.verdict is not Verdict.CONTRADICTED:
            return not_testable(evidence)
        return weighed(pairs, evidence.certainty)
    match claim.contrast.test:
        case "count":
            return judge_count(direction, evidence.estimate, s)
        case "heterogeneity":
            return judge_spread(direction, evidence.ci_lb, evidence.ci_ub, s)
        case "pairs":
            judged = judge_pairs(direction, evidence.differences, s)
        case "between" | "interaction":
            judged = judge_between(evidence.pval, evidence.alpha, evidence.differences, s)
        case "moderator":
            judged = judge_effect(direction, evidence.ci_lb, evidence.ci_ub, s)
        case _:
            judged = judge_effect(direction, evidence.ci_lb, evidence.ci_ub, s, (evidence.pi_lb, evidence.pi_ub))
    return weighed(judged, evidence.certainty)
