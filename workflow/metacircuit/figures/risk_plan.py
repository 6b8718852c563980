"""Judgements of the risk of bias as a grid: studies down, domains across, with the kind and share of each judgement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from metacircuit.figures.forest_columns import JUDGEMENTS
from metacircuit.figures.result import require_columns

COLUMNS = ("study_id", "domain", "judgement")
KINDS = ("fine", "doubtful", "bad", "worst", "unknown")
OVERALL = "overall"


@dataclass(frozen=True, slots=True)
class Risks:
    """The judgements of a review.

    Parameters
    ----------
    studies : (id, label) in order
    domains : (id, label) in order, the overall judgement last
    judgements : by study and domain: (word, kind)
    words : the word of each kind that occurs, in the order of the kinds
    """

    studies: Sequence[tuple[str, str]]
    domains: Sequence[tuple[str, str]]
    judgements: Mapping[tuple[str, str], tuple[str, str]]
    words: Mapping[str, str]

    def shares(self, domain: str, weights: Mapping[str, float]) -> dict[str, float]:
        """The weighted share of each kind among the studies that are judged in a domain; they add up to 1."""
        sums: dict[str, float] = {}
        for study, _ in self.studies:
            found = self.judgements.get((study, domain))
            if found is not None:
                sums[found[1]] = sums.get(found[1], 0.0) + weights.get(study, 0.0)
        total = sum(sums.values())
        return {kind: sums[kind] / total for kind in KINDS if kind in sums} if total > 0 else {}


def risks_of(
    table: pd.DataFrame,
    domains: pd.DataFrame | None,
    judgements: pd.DataFrame | None,
    labels: Mapping[str, str] | None,
) -> Risks:
    """Arrange a table of judgements.

    Parameters
    ----------
    table : study_id, domain, judgement
    domains : id, label in the order of the tool; others follow, the overall judgement last
    judgements : id, kind (one of `KINDS`), and where there is one label; None reads the words of the usual tools
    labels : names of the studies

    Raises
    ------
    ValueError
        For missing columns, a word that no tool has, a kind that does not exist, or two judgements of one cell.
    """
    require_columns(table, COLUMNS, "table")
    twice = table[table.duplicated(["study_id", "domain"])]
    if len(twice):
        raise ValueError(f"the table judges {twice['domain'].iloc[0]} of {twice['study_id'].iloc[0]} more than once")
    kinds, shown = _vocabulary(judgements)
    words = list(dict.fromkeys(table["judgement"].astype(str)))
    unknown = [word for word in words if _key(word) not in kinds]
    if unknown:
        known = ", ".join(sorted(kinds))
        raise ValueError(f"no tool has the judgement {', '.join(map(repr, unknown))}; known are {known}")
    cells = {
        (str(row["study_id"]), str(row["domain"])): (
            shown.get(_key(row["judgement"]), _plain(row["judgement"])),
            kinds[_key(row["judgement"])],
        )
        for row in table.to_dict("records")
    }
    given = {} if domains is None else dict(zip(domains["id"].astype(str), domains["label"].astype(str), strict=True))
    met = list(dict.fromkeys(table["domain"].astype(str)))
    order = [*(name for name in given if name in met), *(name for name in met if name not in given)]
    order = [*(name for name in order if name.lower() != OVERALL), *(name for name in order if name.lower() == OVERALL)]
    studies = list(dict.fromkeys(table["study_id"].astype(str)))
    named = labels or {}
    spoken = {kind: word for word, kind in sorted(set(cells.values()))}
    return Risks(
        tuple((study, named.get(study, study)) for study in studies),
        tuple((name, given.get(name, name[:1].upper() + name[1:])) for name in order),
        cells,
        {kind: spoken[kind] for kind in KINDS if kind in spoken},
    )


def _vocabulary(judgements: pd.DataFrame | None) -> tuple[dict[str, str], dict[str, str]]:
    if judgements is None:
        return dict(JUDGEMENTS), {}
    require_columns(judgements, ("id", "kind"), "judgements")
    kinds = {_key(word): str(kind) for word, kind in zip(judgements["id"], judgements["kind"], strict=True)}
    wrong = sorted(set(kinds.values()) - set(KINDS))
    if wrong:
        raise ValueError(f"kinds of judgements are {', '.join(KINDS)}, not {', '.join(wrong)}")
    labels = judgements["label"] if "label" in judgements else judgements["id"].map(_plain)
    return kinds, {_key(word): str(label) for word, label in zip(judgements["id"], labels, strict=True)}


def _key(word: object) -> str:
    return " ".join(str(word).replace("_", " ").split()).lower()


def _plain(word: object) -> str:
    key = _key(word)
    return key[:1].upper() + key[1:]
