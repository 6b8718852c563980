"""Sleuth text (GingerALE): blocks of a study, its number of subjects and its foci; the file's name is the contrast."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from metacircuit.sheets.problems import Code
from metacircuit.sheets.raw import UnreadableError
from metacircuit.sheets.readers.amounts import number
from metacircuit.sheets.readers.extract import Extract, Files, Focus, Row, base_name, unmapped
from metacircuit.sheets.text import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metacircuit.sheets.problems import Problem

_SPACE = re.compile(r"reference\s*=\s*(.+)", re.IGNORECASE)
_SUBJECTS = re.compile(r"subjects?\s*=\s*(\d+)", re.IGNORECASE)
_YEAR = re.compile(r"(?P<author>.+?)[\s,(]+(?P<year>(?:19|20)\d\d)(?P<letter>[a-z]?)\)?")
_REASON = "coordinates without a statistic"


@dataclass(slots=True)
class _Block:
    row: int
    headings: list[str] = field(default_factory=list)
    subjects: str = ""
    points: list[tuple[int, list[float]]] = field(default_factory=list)


def read(files: Files) -> Extract:
    """Read the files of one source; each block is an experiment, and a row of effects."""
    effects: list[Row] = []
    foci: list[Focus] = []
    problems: list[Problem] = []
    studies: dict[str, Row] = {}
    for path, data in files.contents.items():
        file = base_name(path)
        space, blocks = _blocks(decode(data)[0], file, problems)
        if not blocks:
            raise UnreadableError(
                Code.EMPTY_SHEET,
                f"{file} has no study with foci.",
                "// Author, Year / // Subjects=20 / x y z",
                "Export it from Sleuth again, or correct `format` in the config.",
            )
        if not space:
            what = "The file does not say in which space its coordinates are."
            problems.append(unmapped(what, "Begin it with // Reference=MNI or // Reference=Talairach.", file=file))
        for block in blocks:
            study, contrast, cited = _heading(block.headings)
            contrast = contrast or file.rsplit(".", 1)[0]
            if not block.subjects:
                what = f"{study} has no number of subjects."
                problems.append(unmapped(what, "Add // Subjects=… below its name.", file=file, row=block.row))
            said = {"study_id": study, "outcome": contrast, "n_total": block.subjects, "foci": str(len(block.points))}
            effects.append(Row(block.row, {**said, "include": "no", "exclude_reason": _REASON}))
            studies.setdefault(study, Row(block.row, {"study_id": study, **cited}))
            foci += (
                Focus(study, contrast, *xyz, space=space, participants=block.subjects, file=file, row=row)
                for row, xyz in block.points
            )
    return Extract(tuple(effects), tuple(studies.values()), tuple(foci), problems=tuple(problems))


def _blocks(text: str, file: str, problems: list[Problem]) -> tuple[str, list[_Block]]:
    """Cut a file: a comment after foci begins the next experiment; several before them belong to one."""
    space, blocks = "", []
    current: _Block | None = None
    for row, line in enumerate(text.splitlines(), 1):
        said = line.strip()
        if not said:
            continue
        if said.startswith("//"):
            comment = said.lstrip("/").strip()
            if match := _SPACE.fullmatch(comment):
                space = match[1].strip()
                continue
            if not comment:
                continue
            if current is None or current.points:
                current = _Block(row)
                blocks.append(current)
            if match := _SUBJECTS.fullmatch(comment):
                current.subjects = match[1]
            else:
                current.headings.append(comment)
            continue
        found = [number(part) for part in re.split(r"[\s,;]+", said.strip(",; \t"))]
        if len(found) != 3 or None in found:
            what = "The line is neither a comment nor three coordinates."
            problems.append(unmapped(what, "Write x, y and z in millimetres.", file=file, row=row, value=said))
        elif current is None:
            what = "The focus stands above the first study."
            problems.append(unmapped(what, "Put // Author, Year above it.", file=file, row=row, value=said))
        else:
            current.points.append((row, [float(x) for x in found if x is not None]))
    return space, list(_filled(blocks, file, problems))


def _filled(blocks: list[_Block], file: str, problems: list[Problem]) -> Iterator[_Block]:
    for block in blocks:
        if block.points and block.headings:
            yield block
        else:
            name = block.headings[0] if block.headings else "An experiment without a name"
            lacks = "no foci" if block.headings else f"{len(block.points)} foci that belong to nobody"
            problems.append(unmapped(f"{name} has {lacks}.", "Complete or remove it.", file=file, row=block.row))


def _heading(headings: list[str]) -> tuple[str, str, dict[str, str]]:
    """`Author, Year: contrast`; where several experiments of one sample are joined, their contrasts are."""
    names, contrasts = zip(*(heading.partition(":")[::2] for heading in headings), strict=True)
    contrast = "; ".join(dict.fromkeys(c.strip() for c in contrasts if c.strip()))
    match = _YEAR.fullmatch(names[0].strip())
    if not match:
        return names[0].strip(), contrast, {}
    study = f"{match['author']} {match['year']}{match['letter']}"
    return study, contrast, {"first_author": match["author"], "year": match["year"]}
