"""What people decide otherwise: each with a name and a reason, and checked against the strata that exist."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from metacircuit.certainty.levels import CERTAINTY, DOMAINS, LEVELS, STEPS
from metacircuit.config.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FIELDS = ("analysis", "grouping", "stratum", "domain", "rating", "name", "reason")
_ASKED = ("analysis", "domain", "rating", "name", "reason")
_EXAMPLE = (
    "Write a list of entries such as {analysis: neural, domain: risk_of_bias, rating: serious, name: A. Rater,"
    " reason: …}."
)

_MISSING = {"name": "Say who decided.", "reason": "Say why."}


@dataclass(frozen=True, slots=True)
class Override:
    """A rating that a person gives in place of the computed one; `steps` is 0 for the domain certainty."""

    analysis: str
    grouping: str
    stratum: str
    domain: str
    rating: str
    name: str
    reason: str

    @property
    def steps(self) -> int:
        """How far the rating lowers the certainty."""
        return STEPS.get(self.rating, 0)


def parse_yaml(text: str, *, source: str) -> list[dict[str, Any]]:
    """Entries of data/REVIEW/certainty.yaml; nothing in it is evaluated.

    Raises
    ------
    UserError
        If the text is not a list of entries.
    """
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise UserError(f"{source}: this is not YAML{where}. {_EXAMPLE}") from None
    entries = [] if raw is None else raw
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UserError(f"{source}: not a list of entries. {_EXAMPLE}")
    return entries


def check_overrides(
    entries: Iterable[Mapping[str, Any]], strata: Sequence[tuple[str, str, str]], *, source: str
) -> tuple[Override, ...]:
    """Read overrides, and name every problem at once.

    Parameters
    ----------
    entries : iterable of mappings
        With the keys of `FIELDS`; grouping and stratum are overall if not said.
    strata : sequence of (analysis, grouping, stratum)
        Those with a computed certainty.
    source : str
        The file's name, for messages.

    Returns
    -------
    tuple of Override

    Raises
    ------
    UserError
        For an unknown key, analysis, stratum, domain or rating, a missing name or reason, or two entries for one.

    Examples
    --------
    >>> entry = {"analysis": "main", "domain": "certainty", "rating": "low", "name": "A. Rater", "reason": "all pilots"}
    >>> check_overrides([entry], [("main", "overall", "overall")], source="certainty.yaml")[0].stratum
    'overall'
    """
    found: list[Override] = []
    problems: list[str] = []
    for position, entry in enumerate(entries, start=1):
        where = f"{source}: entry {position}"
        override, wrong = _read(entry, strata, where)
        problems += wrong
        if override is not None:
            twin = [o for o in found if _key(o) == _key(override)]
            if twin:
                problems.append(f"{where}: {override.domain} of this stratum is decided twice. Keep one entry.")
            found.append(override)
    if problems:
        raise UserError(*problems)
    return tuple(found)


def _key(override: Override) -> tuple[str, ...]:
    return override.analysis, override.grouping, override.stratum, override.domain


def _read(
    entry: Mapping[str, Any], strata: Sequence[tuple[str, str, str]], where: str
) -> tuple[Override | None, list[str]]:
    values = {str(key).strip(): "" if value is None else str(value).strip() for key, value in entry.items()}
    problems = [f"{where}: there is no key {key!r}.{_near(key, FIELDS)}" for key in values if key not in FIELDS]
    problems += [f"{where}: {key} is missing. {_MISSING.get(key, _EXAMPLE)}" for key in _ASKED if not values.get(key)]
    if problems:
        return None, problems
    grouping, stratum = values.get("grouping") or "overall", values.get("stratum") or "overall"
    for known, value, what in (
        ([a for a, _, _ in strata], values["analysis"], "analysis"),
        ([g for a, g, _ in strata if a == values["analysis"]], grouping, "grouping"),
        ([s for a, g, s in strata if (a, g) == (values["analysis"], grouping)], stratum, "stratum"),
        ([*DOMAINS, CERTAINTY], values["domain"], "domain"),
        (list(LEVELS if values["domain"] == CERTAINTY else STEPS), values["rating"], "rating"),
    ):
        if value not in known:
            return None, [f"{where}: there is no {what} {value!r} with a certainty.{_near(value, known)}"]
    return Override(grouping=grouping, stratum=stratum, **{k: values[k] for k in _ASKED}), []


def _near(word: str, known: Iterable[str]) -> str:
    """The nearest word, and all of them."""
    words = list(dict.fromkeys(known))
    near = difflib.get_close_matches(word, words, n=1)
    listed = ", ".join(words[:12]) + (", …" if len(words) > 12 else "")
    return f"{f' Did you mean {near[0]!r}?' if near else ''} Known here: {listed}."
