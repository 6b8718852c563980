"""From the text of claim files to claims that the review can answer, with every mistake named at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from metacircuit.claims.known import mistakes
from metacircuit.claims.schema import Claim, Seed
from metacircuit.config.analysis import Analysis
from metacircuit.config.errors import UserError
from metacircuit.config.text import explain, read_yaml

REFERENCE = "seeds/README.md"


@dataclass(frozen=True, slots=True)
class Cited:
    """A claim with the citation of its document."""

    claim: Claim
    citation: str


def load_claims(
    texts: Mapping[str, str], analyses: Mapping[str, Analysis], words: Mapping[str, Collection[str]]
) -> tuple[Cited, ...]:
    """Read files of claims and hold them against the review.

    Parameters
    ----------
    texts : mapping of str to str
        Name of the file: its text.
    analyses : mapping of str to Analysis
        The analyses of the review, by name.
    words : mapping of str to collection of str
        Coded column: the words that it can have. A column that is not named here can have any.

    Returns
    -------
    tuple of Cited
        In the order of the files.

    Raises
    ------
    UserError
        With a message for every mistake in every file: keys, tests without their arguments, ids that stand twice, and
        analyses, groupings, strata and words that the review does not have, each with the nearest one.

    Examples
    --------
    >>> load_claims({"x.yaml": "claims: []"}, {}, {})
    Traceback (most recent call last):
    ...
    metacircuit.config.errors.UserError: x.yaml: source: this key is missing. ...
    """
    problems: list[str] = []
    found: list[Cited] = []
    owner: dict[str, str] = {}
    for name, text in texts.items():
        try:
            seed = _read(name, text)
        except UserError as error:
            problems += error.messages
            continue
        for claim in seed.claims:
            problems += _identity(name, claim, seed, owner)
            problems += [f"{name}: {claim.id}: {problem}" for problem in mistakes(claim, analyses, words)]
            found.append(Cited(claim, seed.source.citation))
    if problems:
        raise UserError(*problems)
    return tuple(found)


def _read(name: str, text: str) -> Seed:
    raw = read_yaml(text, source=name)
    if not isinstance(raw, dict):
        raise UserError(f"{name}: the file holds no claims. It starts with `source:`; {REFERENCE} says how.")
    try:
        return Seed.model_validate(raw)
    except ValidationError as error:
        named = {("claims", str(i)): key for i, key in enumerate(_ids(raw))}
        said = explain(name, error, Seed, reference=REFERENCE)
        raise UserError(*(_by_name(message, named) for message in said)) from None


def _ids(raw: dict[str, Any]) -> Iterator[str]:
    """The id of each claim, or its position."""
    claims = raw.get("claims")
    for i, claim in enumerate(claims if isinstance(claims, list) else []):
        own = claim.get("id") if isinstance(claim, dict) else None
        yield own if isinstance(own, str) else f"claim {i + 1}"


def _by_name(message: str, named: Mapping[tuple[str, str], str]) -> str:
    """A claim by its id instead of its position in the list."""
    for (key, position), name in named.items():
        for end in (".", ":"):
            message = message.replace(f": {key}.{position}{end}", f": {name}{':' if end == ':' else ': '}", 1)
    return message


def _identity(name: str, claim: Claim, seed: Seed, owner: dict[str, str]) -> Iterator[str]:
    """What is wrong with the names of a claim."""
    if claim.id in owner:
        yield f"{name}: {claim.id}: this id stands also in {owner[claim.id]}. Give each claim its own."
    owner.setdefault(claim.id, name)
    if claim.source != seed.source.id:
        yield f"{name}: {claim.id}: source: {claim.source!r} is not the document of this file, {seed.source.id!r}."
    if claim.id.partition(".")[0] != seed.source.id:
        yield f"{name}: {claim.id}: id: an id starts with the id of its document: `{seed.source.id}.` and a name."
