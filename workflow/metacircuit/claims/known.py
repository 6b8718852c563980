"""What a claim names and the review does not have."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping

from metacircuit.claims.schema import OF_EFFECTS, VARIABILITY, Claim
from metacircuit.config.analysis import Analysis

OVERALL = "overall"
_LISTED = 12


def mistakes(claim: Claim, analyses: Mapping[str, Analysis], words: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Say what a claim names that the review does not have.

    Parameters
    ----------
    claim : Claim
    analyses : mapping of str to Analysis
    words : mapping of str to collection of str
        Coded column: its words; a column that is not named here can have any.

    Yields
    ------
    str
        An analysis or grouping that does not exist is no mistake if one of the claim's `needs` names it in backticks.
    """
    factors = [] if claim.grouping == OVERALL else claim.grouping.split(":")
    for stratum in claim.contrast.strata:
        yield from _stratum(stratum, factors, claim.grouping, words)
    if claim.contrast.within:
        yield from unknown_word("contrast.within", factors[-1], claim.contrast.within, words)
    for key in ("where", "unless"):
        for column, chosen in getattr(claim.contrast, key).items():
            for word in chosen:
                yield from unknown_word(f"contrast.{key}.{column}", column, word, words)
    if claim.analysis not in analyses:
        yield from _unless_needed(claim, "analysis", claim.analysis, analyses)
        return
    analysis = analyses[claim.analysis]
    if claim.grouping not in (OVERALL, *analysis.groupings):
        yield from _unless_needed(claim, "grouping", claim.grouping, (OVERALL, *analysis.groupings))
    yield from _scale(claim, analysis.measure)


def _stratum(stratum: str, factors: list[str], grouping: str, words: Mapping[str, Collection[str]]) -> Iterator[str]:
    parts = stratum.split(":")
    if not factors:
        if stratum != OVERALL:
            yield f"contrast: the grouping `overall` has one stratum, `overall`, and not {stratum!r}."
    elif len(parts) != len(factors):
        form = ":".join(factors)
        yield f"contrast: the stratum {stratum!r} is not of the form {form}, as the grouping {grouping} is."
    else:
        for factor, word in zip(factors, parts, strict=True):
            yield from unknown_word("contrast", factor, word, words)


def unknown_word(where: str, column: str, word: str, words: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Say that a column has no such word, with the nearest one; nothing if it has, or if any word may stand there."""
    known = words.get(column)
    if known is not None and word not in known:
        yield f"{where}: {column} has no word {word!r}.{_nearest(word, known)}"


def _unless_needed(claim: Claim, key: str, name: str, known: Iterable[str]) -> Iterator[str]:
    """An error, unless the claim says that it needs what it names."""
    if not any(f"`{name}`" in need for need in claim.needs):
        yield (
            f"{key}: there is no {key} {name!r}.{_nearest(name, known)} If it has yet to be written, say so under"
            f" `needs`, with its name in backticks."
        )


def _scale(claim: Claim, measure: str) -> Iterator[str]:
    """The smallest effect of interest is on the measure of the analysis."""
    test, scale = claim.contrast.test, claim.sesoi.scale
    if test in OF_EFFECTS and scale != measure:
        yield f"sesoi.scale: {scale!r} is not the measure of the analysis {claim.analysis}, which is {measure}."
    if test == "variance_ratio" and measure not in VARIABILITY:
        yield (
            f"contrast: a ratio of variances needs an analysis of the measure {' or '.join(sorted(VARIABILITY))};"
            f" {claim.analysis} has {measure}."
        )


def _nearest(word: str, known: Iterable[str]) -> str:
    names = list(known)
    near = difflib.get_close_matches(word, names, n=1)
    more = f", … ({len(names) - _LISTED} more)" if len(names) > _LISTED else ""
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"{hint} Known: {', '.join(names[:_LISTED]) or 'none'}{more}."
