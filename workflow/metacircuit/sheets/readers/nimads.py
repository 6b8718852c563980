"""NIMADS study sets (NiMARE, Neurosynth Compose): studies, their contrasts, and every focus of these."""

from __future__ import annotations

import json
import math
from itertools import count
from typing import TYPE_CHECKING, Any

from metacircuit.sheets.problems import Code
from metacircuit.sheets.raw import UnreadableError
from metacircuit.sheets.readers.amounts import written
from metacircuit.sheets.readers.extract import Extract, Files, Focus, Row, unmapped
from metacircuit.sheets.text import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metacircuit.sheets.problems import Problem

_STATISTICS = {"t": "t", "z": "z", "t-statistic": "t", "z-statistic": "z", "tstat": "t", "zstat": "z"}
_SHORT = 40
_WITHIN = "a contrast within one sample; its t is no difference between groups"
_NO_VALUE = "coordinates without a statistic"


def read(files: Files) -> Extract:
    """Read a study set; a row of studies and of effects is numbered as in the file, from 1."""
    data = _parse(files.data)
    effects: list[Row] = []
    studies: list[Row] = []
    foci: list[Focus] = []
    problems: list[Problem] = []
    images = 0
    names = _names(data["studies"])
    for place, (study, name) in enumerate(zip(data["studies"], names, strict=True), 1):
        studies.append(Row(place, {"study_id": name, **_citation(study)}))
        for analysis in _dicts(study.get("analyses")):
            images += len(_dicts(analysis.get("images")))
            contrast = _text(analysis.get("name")).strip() or _text(analysis.get("id"))
            sizes = _sizes(analysis, study)
            own = list(_foci(analysis, name, contrast, sizes, files.name, place, problems))
            foci += own
            effects += (Row(place, cells) for cells in _effects(name, contrast, sizes, own))
    if images:
        what = f"{images} statistical images are not read; only coordinates and values are."
        remedy = "Nothing to do, or extract values from the images with NiMARE."
        problems.append(unmapped(what, remedy, file=files.name, severity="note"))
    return Extract(effects=tuple(effects), studies=tuple(studies), foci=tuple(foci), problems=tuple(problems))


def _parse(data: bytes) -> dict[str, Any]:
    text, _ = decode(data)
    allowed, remedy = "a NIMADS study set in JSON", "Export the study set again, or correct `format` in the config."
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        problem = f"The file is no JSON that can be read ({type(error).__name__})."
        raise UnreadableError(Code.UNREADABLE_FILE, problem, allowed, remedy) from None
    studies = found.get("studies") if isinstance(found, dict) else None
    if not isinstance(studies, list) or not all(isinstance(study, dict) for study in studies):
        raise UnreadableError(Code.UNREADABLE_FILE, "The JSON has no list `studies` of studies.", allowed, remedy)
    if not studies:
        raise UnreadableError(Code.EMPTY_SHEET, "The study set has no study.", allowed, remedy)
    return found


def _names(studies: list[dict[str, Any]]) -> list[str]:
    """Short names as they are; of long ones, which are titles, author and year; each only once."""
    names: list[str] = []
    for study in studies:
        name = _text(study.get("name")).strip()
        if not name or len(name) > _SHORT:
            cited = _citation(study)
            parts = (cited.get("first_author", ""), cited.get("year", ""))
            name = " ".join(filter(None, parts)) or _text(study.get("id")) or name[:_SHORT]
        taken = name in names
        names.append(name if not taken else next(f"{name} ({i})" for i in count(2) if f"{name} ({i})" not in names))
    return names


def _citation(study: dict[str, Any]) -> dict[str, str]:
    first = _text(study.get("authors")).split(",")[0].split(";")[0].split()
    while len(first) > 1 and first[-1].isupper() and len(first[-1].strip(".")) <= 3:
        first.pop()
    cells = {"first_author": " ".join(first), "year": _text(study.get("year")), "title": _text(study.get("name"))}
    return {
        **cells,
        "journal": _text(study.get("publication")),
        "doi": _text(study.get("doi")),
        "pmid": _text(study.get("pmid")),
    }


def _sizes(analysis: dict[str, Any], study: dict[str, Any]) -> list[str]:
    """Sample sizes stand in the metadata of the analysis, or of the study."""
    for owner in (analysis, study):
        metadata = owner.get("metadata") if isinstance(owner.get("metadata"), dict) else {}
        found = metadata.get("sample_sizes", metadata.get("sample_size"))
        sizes = [n for n in (found if isinstance(found, list) else [found]) if _finite(n) and n > 0]
        if sizes:
            return [written(float(n)) for n in sizes]
    return []


def _foci(
    analysis: dict[str, Any], study: str, contrast: str, sizes: list[str], file: str, row: int, problems: list[Problem]
) -> Iterator[Focus]:
    for point in _dicts(analysis.get("points")):
        place = point.get("coordinates")
        if not isinstance(place, list) or len(place) != 3 or not all(map(_finite, place)):
            what = f"A focus of {study} ({contrast}) has no three finite coordinates."
            problems.append(unmapped(what, "Correct the focus.", file=file, row=row, column="coordinates", value=place))
            continue
        values = [v for v in _dicts(point.get("values")) if _finite(v.get("value"))]
        kind, value = (_text(values[0].get("kind")).lower(), float(values[0]["value"])) if values else ("", None)
        yield Focus(
            *(study, contrast, *map(float, place)),
            space=_text(point.get("space")),
            region=_text(point.get("label") or point.get("region")),
            statistic=_STATISTICS.get(kind, kind),
            value=value,
            participants="+".join(sizes),
            file=file,
            row=row,
        )


def _effects(study: str, contrast: str, sizes: list[str], foci: list[Focus]) -> Iterator[dict[str, str]]:
    """A row a focus with t or z, else one row for the contrast; only differences between two groups are included."""
    people = dict(zip(("n1", "n2"), sizes, strict=True)) if len(sizes) == 2 else {"n_total": "".join(sizes[:1])}
    shared = {"study_id": study, "outcome": contrast, **people}
    tested = [focus for focus in foci if focus.statistic in {"t", "z"}]
    if not tested:
        yield {**shared, "include": "no", "exclude_reason": _NO_VALUE}
    for focus in tested:
        row = {**shared, "region": focus.region, "peak": "yes", focus.statistic: repr(focus.value)}
        yield row if len(sizes) == 2 else {**row, "include": "no", "exclude_reason": _WITHIN}


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _finite(value: object) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300 and math.isfinite(value)
    )


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value)
