"""The answers as tables: a row a claim, and a row a comparison behind it."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from metacircuit.claims.answer import Answer
from metacircuit.claims.schema import Claim

CLAIMS = (
    *("id", "statement", "source", "citation", "topic", "analysis", "grouping", "test", "contrast", "direction"),
    *("scale", "estimate", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "level", "pval", "tau", "sesoi", "sesoi_reason"),
    *("k", "studies", "certainty", "by_numbers", "verdict", "reason", "would_change", "missing", "method", "notes"),
    *("supports", "contradicts"),
)
DIFFERENCES = (
    *("id", "contrast", "label", "scale", "estimate", "se", "df", "pval", "ci_lb", "ci_ub", "level", "sesoi", "note"),
)


def claims_table(found: Iterable[Answer]) -> pd.DataFrame:
    """A row a claim, with the columns of `CLAIMS`."""
    return pd.DataFrame([_row(a) for a in found], columns=list(CLAIMS))


def differences_table(found: Iterable[Answer]) -> pd.DataFrame:
    """A row for each comparison behind a claim that makes several, with the columns of `DIFFERENCES`."""
    rows = [
        {
            "id": a.cited.claim.id,
            "contrast": f"{d.first} − {d.second}",
            "label": d.label,
            "scale": a.cited.claim.sesoi.scale,
            **{name: getattr(d, name) for name in ("estimate", "se", "df", "pval", "ci_lb", "ci_ub", "note")},
            "level": a.evidence.level,
            "sesoi": a.cited.claim.sesoi.value,
        }
        for a in found
        for d in a.evidence.differences
    ]
    return pd.DataFrame(rows, columns=list(DIFFERENCES))


def contrast_text(claim: Claim) -> str:
    """The contrast of a claim on one line.

    Examples
    --------
    >>> from metacircuit.claims.schema import Contrast
    >>> contrast_text(Claim.model_construct(
    ...     grouping="disorder", contrast=Contrast(test="between", where={"domain": ["neural"]})))
    'between the strata of disorder, where domain is neural'
    """
    contrast, grouping = claim.contrast, claim.grouping
    match contrast.test:
        case "between":
            text = f"between the strata of {grouping}"
        case "interaction":
            text = f"interaction of {grouping.replace(':', ' and ')}"
        case "pairs":
            text = "; ".join(f"{first} − {second}" for first, second in contrast.pairs)
        case "moderator":
            unit = "" if contrast.per == 1 else f"{contrast.per:g} units of "
            text = f"change with {unit}{contrast.moderator}" + (f", in {contrast.stratum}" if contrast.stratum else "")
        case _:
            text = str(contrast.stratum)
    within = f", within {contrast.within}" if contrast.within else ""
    conditions = [
        f"{column} is {word}{' or '.join(chosen)}"
        for word, taken in (("", contrast.where), ("not ", contrast.unless))
        for column, chosen in taken.items()
    ]
    return text + within + (f", where {' and '.join(conditions)}" if conditions else "")


def _row(a: Answer) -> dict[str, object]:
    claim, evidence, judged = a.cited.claim, a.evidence, a.judged
    from_claim = ("id", "statement", "source", "topic", "analysis", "grouping", "direction", "supports", "contradicts")
    from_evidence = ("estimate", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "level", "pval", "tau", "k", "studies")
    return {
        **{name: getattr(claim, name) for name in from_claim},
        **{name: getattr(evidence, name) for name in (*from_evidence, "certainty", "method")},
        "citation": a.cited.citation,
        "test": claim.contrast.test,
        "contrast": contrast_text(claim),
        "scale": claim.sesoi.scale,
        "sesoi": claim.sesoi.value,
        "sesoi_reason": claim.sesoi.reason,
        "by_numbers": judged.by_numbers.value,
        "verdict": judged.verdict.value,
        "reason": judged.reason,
        "would_change": a.change,
        "missing": "; ".join(evidence.missing),
        "notes": "; ".join(filter(None, (*evidence.notes, claim.note))),
    }
