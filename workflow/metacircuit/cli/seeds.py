"""The claims of a review: read from their files and held against its config and vocabularies."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from metacircuit.claims.known import unknown_word
from metacircuit.claims.load import Cited, load_claims
from metacircuit.config.errors import UserError
from metacircuit.sheets.files import read_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from metacircuit.config import Settings


def read_claims(settings: Settings, project: Path = Path()) -> tuple[Cited, ...]:
    """Read the files that the config names under `claims`, and check what they and `published` name.

    Parameters
    ----------
    settings : Settings
        The review's config.
    project : Path
        The project's folder.

    Returns
    -------
    tuple of Cited
        Empty for a review without claims.

    Raises
    ------
    UserError
        With every mistake in all files, and every stratum under `published` that no vocabulary has.
    """
    if not settings.claims and not settings.published:
        return ()
    words = known_words(settings, project)
    problems = list(_unknown_strata(settings, words))
    texts: dict[str, str] = {}
    for path in settings.claims:
        try:
            texts[path] = read_text(project / path)
        except UserError as error:
            problems += error.messages
    try:
        found = load_claims(texts, settings.analyses, words)
    except UserError as error:
        problems += error.messages
    if problems:
        raise UserError(*problems)
    return found


def known_words(settings: Settings, project: Path = Path()) -> dict[str, Collection[str]]:
    """The words of each coded or derived column that has a vocabulary.

    A plain reader of CSV: whoever only starts a run must not wait for pandas. The stages check the files in full.
    """
    tables = {name: _table(project / path) for name, path in settings.vocabulary.items()}
    words = {name: [row["id"] for row in rows if row.get("id")] for name, rows in tables.items()}
    for name, rule in settings.derived.items():
        if rule.lookup is not None and rule.take is not None:
            made = (row.get(rule.take) or "" for row in tables[rule.lookup])
            words[name] = list(dict.fromkeys((*words.get(name, ()), *(word for word in made if word))))
    # A construct may carry a subtype after a colon, which no vocabulary lists.
    return {name: known for name, known in words.items() if not _may_be_finer(name, settings)}


def _may_be_finer(column: str, settings: Settings) -> bool:
    """Whether a derived column takes this one apart, so that its cells are more than single words."""
    return any(rule.source == column and rule.part != "whole" for rule in settings.derived.values())


def _table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(read_text(path), newline="")))


def _unknown_strata(settings: Settings, words: Mapping[str, Collection[str]]) -> Iterator[str]:
    for key, wanted in settings.published.items():
        if wanted.grouping == "overall":
            continue
        factors, parts = wanted.grouping.split(":"), wanted.stratum.split(":")
        if len(factors) != len(parts):
            yield f"published.{key}: the stratum {wanted.stratum!r} is not of the form {wanted.grouping}."
            continue
        for factor, word in zip(factors, parts, strict=True):
            yield from unknown_word(f"published.{key}", factor, word, words)
