"""What a flow diagram says, box by box, and where the boxes stand: a table of counts in, texts and places out."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from metacircuit.figures.result import require_columns
from metacircuit.figures.style import Style
from metacircuit.figures.typeface import width, wrap

COLUMNS = ("lane", "box", "item", "n", "unit")
LANES = {"databases": "Databases and registers", "other": "Other methods"}
STEPS = (
    ("Identification", "identified", "removed"),
    ("Screening", "screened", "screened_out"),
    ("Screening", "sought", "not_retrieved"),
    ("Screening", "assessed", "excluded"),
)
"""Phase, box of the main column, and box of what drops out beside it."""

_WORDS = {
    "identified": "{unit} identified",
    "removed": "{unit} removed before screening",
    "screened": "{unit} screened",
    "screened_out": "{unit} excluded",
    "sought": "{unit} sought for retrieval",
    "not_retrieved": "{unit} not retrieved",
    "assessed": "{unit} assessed for eligibility",
    "excluded": "{unit} excluded",
}
WIDE = 380.0
"""Points: on a narrower page the two ways of the search stand one below the other."""

PAD, GAP, BESIDE = 5.0, 13.0, 13.0


@dataclass(frozen=True, slots=True)
class Text:
    """A line in a box."""

    text: str
    bold: bool = False
    indent: float = 0.0


@dataclass(frozen=True, slots=True)
class Box:
    """A box: its name, its lines, and its place on the page."""

    name: str
    lines: tuple[Text, ...]
    left: float
    right: float

    def height(self, style: Style) -> float:
        """What its lines need."""
        return len(self.lines) * style.small * 1.28 + 2 * PAD


@dataclass(frozen=True, slots=True)
class Tier:
    """Boxes side by side, of which each but the last of a pair has an arrow to the next, and the phase they belong to.

    Parameters
    ----------
    heading : whether the boxes only name the lanes
    """

    phase: str
    boxes: tuple[Box, ...]
    outs: tuple[Box | None, ...]
    heading: bool = False

    def height(self, style: Style) -> float:
        """The height of the highest box; where a phase may have one tier only, its name has room beside it."""
        named = width(self.phase, style.small, bold=True) + 5 if self.phase not in ("", "Screening") else 0.0
        return max(named, *(box.height(style) for box in (*self.boxes, *(out for out in self.outs if out))))


def tiers(flow: pd.DataFrame, style: Style, left: float) -> list[list[Tier]]:
    """The diagram as groups of tiers; the tiers of a group follow each other with arrows, each lane below itself.

    Parameters
    ----------
    flow : lane, box, item, n, unit, as `metacircuit.tables.flow` makes it
    left : where the boxes may begin
    """
    require_columns(flow, COLUMNS, "flow")
    lanes = [lane for lane in LANES if (flow["lane"] == lane).any()]
    right = style.width - style.margin
    groups: list[list[Tier]] = []
    if len(lanes) == 2 and style.width >= WIDE:
        middle = (left + right) / 2
        spans = [(left, middle - BESIDE / 2), (middle + BESIDE / 2, right)]
        groups.append(_search(flow, lanes, spans, style, named=True))
    else:
        groups += [_search(flow, [lane], [(left, right)], style, named=lanes != ["databases"]) for lane in lanes]
    return [group for group in [*groups, _review(flow, (left, right), style)] if group]


def _search(
    flow: pd.DataFrame, lanes: Sequence[str], spans: Sequence[tuple[float, float]], style: Style, *, named: bool
) -> list[Tier]:
    """The tiers of the search, lane beside lane."""
    found = []
    halves = [_halves(span) for span in spans]
    if named:
        names = [
            Box("lane", _wrapped(LANES[lane], span, style, bold=True), *span)
            for lane, span in zip(lanes, spans, strict=True)
        ]
        found.append(Tier("", tuple(names), (None,) * len(names), heading=True))
    for phase, name, out in STEPS:
        boxes, outs = [], []
        for lane, (main, beside) in zip(lanes, halves, strict=True):
            own = flow[flow["lane"] == lane]
            here, lost = own[own["box"] == name], own[own["box"] == out]
            if here.empty and lost.empty:
                continue
            boxes.append(_box(name, here, main, style) if len(here) else None)
            outs.append(_box(out, lost, beside, style) if len(lost) else None)
        pairs = [(box, other) for box, other in zip(boxes, outs, strict=True) if box or other]
        if pairs:
            # What drops out of a stage that nobody counted stands beside an empty place.
            kept = [(box or Box("", (), other.left, other.left), other) for box, other in pairs]
            found.append(Tier(phase, tuple(box for box, _ in kept), tuple(other for _, other in kept)))
    return found


def _review(flow: pd.DataFrame, span: tuple[float, float], style: Style) -> list[Tier]:
    """What is included, extracted and analysed."""
    main, beside = _halves(span)
    found = []
    for phase, name, out in (
        ("Included", "included", "previous"),
        ("Included", "extracted", "not_analysed"),
        ("Analysed", "analysed", ""),
    ):
        here, lost = flow[flow["box"] == name], flow[flow["box"] == out]
        if len(here):
            wide = main if len(lost) or name != "analysed" else (main[0], beside[1])
            found.append(
                Tier(phase, (_box(name, here, wide, style),), (_box(out, lost, beside, style) if len(lost) else None,))
            )
    return found


def _halves(span: tuple[float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
    middle = (span[0] + span[1]) / 2
    return (span[0], middle - BESIDE / 2), (middle + BESIDE / 2, span[1])


def _box(name: str, rows: pd.DataFrame, span: tuple[float, float], style: Style) -> Box:
    """A box with its count and its parts."""
    lines: list[Text] = []
    for head, parts in sentences(name, rows):
        lines += _wrapped(head, span, style)
        for part in parts:
            lines += _wrapped(part, span, style, indent=style.indent)
    return Box(name, tuple(lines), *span)


def sentences(name: str, rows: pd.DataFrame) -> list[tuple[str, list[str]]]:
    """The sentences of a box, each with the parts below it.

    Examples
    --------
    >>> rows = pd.DataFrame({"item": ["", "duplicates"], "n": [9, 9], "unit": "records"})
    >>> sentences("removed", rows)
    [('Records removed before screening (n\xa0=\xa09)', ['duplicates (n\xa0=\xa09)'])]
    """
    whole, parts = rows[rows["item"] == ""], rows[rows["item"] != ""]
    counts = {str(unit): int(n) for unit, n in zip(whole["unit"], whole["n"], strict=True)}
    if name == "extracted":
        return [
            (f"Studies with extracted results (n = {counts['studies']:,})", []),
            (f"Results (n = {counts['results']:,})", []),
        ]
    if name == "analysed":
        own = [
            f"{' '.join(str(item).split())}: {_of(group, 'results')} results, {_of(group, 'studies')} studies"
            for item, group in parts.groupby("item", sort=False)
        ]
        return [(f"Analysed: {counts['results']:,} results of {counts['studies']:,} studies", own)]
    listed = [f"{' '.join(str(row['item']).split())} (n = {int(row['n']):,})" for row in parts.to_dict("records")]
    if name == "not_analysed":
        return [(f"Results not analysed (n = {counts['results']:,})", listed)]
    if name in ("included", "previous"):
        words = {"studies": "Studies included in the review", "reports": "Reports of included studies"}
        if name == "previous":
            words = {"studies": "Studies in the previous version", "reports": "Reports of those studies"}
        ordered = [unit for unit in ("studies", "reports", "records") if unit in counts]
        return [(f"{words.get(unit, unit.capitalize())} (n = {counts[unit]:,})", []) for unit in ordered]
    unit = str(rows["unit"].iloc[0]).capitalize()
    head = _WORDS[name].format(unit=unit)
    return [(f"{head} (n = {sum(counts.values()):,})", listed)]


def _of(rows: pd.DataFrame, unit: str) -> str:
    return f"{int(rows.loc[rows['unit'] == unit, 'n'].sum()):,}"


def _wrapped(
    text: str, span: tuple[float, float], style: Style, *, bold: bool = False, indent: float = 0.0
) -> tuple[Text, ...]:
    room = span[1] - span[0] - 2 * PAD - indent
    lines = wrap(text, room, lambda s: width(s, style.small, bold=bold))
    return tuple(Text(line, bold, indent) for line in lines)
