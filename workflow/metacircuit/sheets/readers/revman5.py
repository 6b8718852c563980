"""RevMan 5 files (.rm5): the studies, and every row of every outcome and subgroup of its analyses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.sheets.problems import Code
from metacircuit.sheets.raw import UnreadableError
from metacircuit.sheets.readers.extract import Extract, Files, Row, unmapped
from metacircuit.sheets.readers.revman import CONTINUOUS, DICHOTOMOUS, GENERIC, O_MINUS_E, cells_of, measure_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from defusedxml.ElementTree import Element

    from metacircuit.sheets.problems import Problem

_KINDS = {"DICH": DICHOTOMOUS, "CONT": CONTINUOUS, "IV": GENERIC, "IPD": O_MINUS_E, "OTHER": ""}
_NUMBERS = {
    **{f"{ours}{side}": f"{theirs}_{side}" for side in "12" for ours, theirs in
       (("events", "EVENTS"), ("total", "TOTAL"), ("mean", "MEAN"), ("sd", "SD"))},
    "yi": "ESTIMATE", "sei": "SE", "oe": "O_E", "variance": "VAR",
}  # fmt: skip


def read(files: Files) -> Extract:
    """Read a RevMan 5 file; entities and document types are refused."""
    root = parse_xml(files.data)
    if root.tag != "COCHRANE_REVIEW":
        problem = f"The file is XML and no RevMan 5 review: it begins with <{root.tag[:40]}>."
        raise UnreadableError(
            Code.UNREADABLE_FILE, problem, "a RevMan 5 file (.rm5)", "Correct `format` in the config."
        )
    studies = {s.get("ID", ""): s for s in root.iter("STUDY")}
    names = _names(studies)
    problems: list[Problem] = []
    effects = []
    for comparison in root.iter("COMPARISON"):
        for outcome in comparison:
            kind = outcome.tag.removesuffix("_OUTCOME")
            if outcome.tag == kind:
                continue
            for subgroup, data in _data(outcome, kind):
                number = len(effects) + 1
                cells = _cells(comparison, outcome, subgroup, data, kind)
                cells["study_id"] = names.get(data.get("STUDY_ID", ""), data.get("STUDY_ID", ""))
                numbers = {ours: data.get(theirs, "") for ours, theirs in _NUMBERS.items()}
                made, why = cells_of(_KINDS.get(kind, ""), cells["measure"], numbers)
                if not _KINDS.get(kind):
                    made, why = {}, "the outcome is free text"
                if why:
                    what = f"{cells['study_id']} in {cells['outcome']}: {why}."
                    problems.append(unmapped(what, "Type its numbers into a sheet.", file=files.name, row=number))
                effects.append(Row(number, {**cells, **made}))
    if not effects:
        raise UnreadableError(
            Code.EMPTY_SHEET, "The review has no analyses with data.", "outcomes with rows", "Export it with its data."
        )
    known = [
        Row(i, {"study_id": names[key], "year": s.get("YEAR", "")[:4]}) for i, (key, s) in enumerate(studies.items(), 1)
    ]
    return Extract(effects=tuple(effects), studies=tuple(known), problems=tuple(problems))


def parse_xml(data: bytes) -> Element:
    """Parse XML of a stranger: no document type, no entity, nothing from elsewhere."""
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415
    from defusedxml.ElementTree import ParseError, fromstring  # noqa: PLC0415

    try:
        return fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        problem = f"The XML declares a document type or entities ({type(error).__name__}), which is not read."
    except (ParseError, ValueError, LookupError) as error:
        problem = f"The file is no XML that can be read: {error}."
    raise UnreadableError(Code.UNREADABLE_FILE, problem, "plain XML", "Export the file again.") from None


def _names(studies: dict[str, Element]) -> dict[str, str]:
    """Names as people know the studies; the id where two have the same."""
    names = [s.get("NAME", "") for s in studies.values()]
    return {key: s.get("NAME", "") if names.count(s.get("NAME", "")) == 1 else key for key, s in studies.items()}


def _data(outcome: Element, kind: str) -> Iterator[tuple[str, Element]]:
    for child in outcome:
        if child.tag == f"{kind}_DATA":
            yield "", child
        elif child.tag == f"{kind}_SUBGROUP":
            for data in child.findall(f"{kind}_DATA"):
                yield _text(child, "NAME"), data


def _cells(comparison: Element, outcome: Element, subgroup: str, data: Element, kind: str) -> dict[str, str]:
    measure = "PETO" if outcome.get("METHOD") == "PETO" else outcome.get("EFFECT_MEASURE", "")
    cells = {
        "comparison": _text(comparison, "NAME"),
        "outcome": _text(outcome, "NAME"),
        "subgroup": subgroup,
        "measure": measure_of(measure) if kind != "OTHER" else "",
        "group1": _text(outcome, "GROUP_LABEL_1"),
        "group2": _text(outcome, "GROUP_LABEL_2"),
    }
    if data.get("ESTIMABLE") == "NO" and kind in {"IV", "IPD"}:
        cells |= {"include": "no", "exclude_reason": "not estimable in RevMan"}
    return cells


def _text(element: Element, tag: str) -> str:
    child = element.find(tag)
    return " ".join("".join(child.itertext()).split()) if child is not None else ""
