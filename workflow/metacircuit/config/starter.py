"""The config that a new review starts with: what was asked for, and what may be asked for, as comments."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TWO_GROUPS = frozenset({"SMD", "SMDH", "MD", "ROM", "VR", "CVR", "OR", "RR", "RD", "AS", "PETO", "HR", "IRR"})
_PROPORTIONS = frozenset({"PLO", "PR", "PLN", "PAS", "PFT"})


def starter(
    review: str,
    title: str,
    measure: str,
    vocabulary: Mapping[str, str],
    factors: Sequence[str],
    moderators: Sequence[str],
) -> str:
    """Write the config of a new review.

    Parameters
    ----------
    review, title : str
        Its name and its title.
    measure : str
        metafor's code.
    vocabulary : mapping of str to str
        Coded column: the file with its words.
    factors, moderators : sequence of str
        Columns that the analysis groups by, and numeric columns that it is plotted against.

    Returns
    -------
    str
        YAML that the schema accepts.

    Examples
    --------
    >>> from metacircuit.config import parse_settings
    >>> text = starter("pain", "Pain: a review", "RR", {}, ["setting"], [])
    >>> parse_settings(text, source="config/pain.yaml").analyses["main"].groupings
    ('setting',)
    """
    return "\n".join(
        [
            f"# The review {review}. Every key is explained in config/README.md; there are more than these.",
            f"review: {review}",
            f"title: {_quoted(title)}",
            "summary: >-",
            "  What this review asks, of whom, and why: a paragraph that opens the report.",
            "limits: []                            # what the evidence cannot show, one sentence an item",
            f"data: data/{review}",
            "",
            "# Coded column: the file with its words (id, label, order). A column without one may hold any word.",
            *_vocabulary(vocabulary),
            "",
            "# How effects are pooled; several effects of a study are taken as correlated and hierarchical.",
            "model: {method: REML, test: knha, rho: 0.6, min_studies: 3}",
            "",
            "analyses:",
            "  main:",
            f"    title: {_quoted(title)}",
            '    question: ""                      # one sentence for the report',
            f"    measure: {measure}",
            *_take(),
            f"    groupings: [{', '.join(factors)}]"
            + ("" if factors else "                     # columns of effects, such as [setting]"),
            *_axis(measure),
            *_figures(moderators),
            "",
        ]
    )


def _quoted(text: str) -> str:
    """A text as YAML: JSON's quotes are YAML's, and no character of it can open a key or a comment."""
    return json.dumps(text, ensure_ascii=False)


def _vocabulary(vocabulary: Mapping[str, str]) -> list[str]:
    if not vocabulary:
        return ["vocabulary: {}                        # such as: setting: config/vocabulary/settings.csv"]
    return ["vocabulary:", *(f"  {column}: {path}" for column, path in vocabulary.items())]


def _take() -> list[str]:
    return [
        "    # Which rows of effects; without `take`, all that are included:",
        '    # take: {where: {outcome: "what was measured"}}',
    ]


def _axis(measure: str) -> list[str]:
    if measure in _PROPORTIONS:
        return []
    ends = ("lower in group 1", "higher in group 1") if measure in _TWO_GROUPS else ("negative", "positive")
    return [f"    axis: {{left: {ends[0]}, right: {ends[1]}}}   # the two ends of the forest plot, in your words"]


def _figures(moderators: Sequence[str]) -> list[str]:
    if not moderators:
        return ["    # figures: {draw: [forest, orchard, bubble], moderators: [year]}"]
    return [
        "    figures:",
        "      draw: [forest, orchard, bubble]",
        f"      moderators: [{', '.join(moderators)}]",
    ]
