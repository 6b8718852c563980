"""REDCap exports (CSV, raw values) with their data dictionary: codes become labels, instances become effects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from metacircuit.sheets.problems import Code, Problem, shown
from metacircuit.sheets.raw import UnreadableError
from metacircuit.sheets.readers.extract import Extract, Files, Row, base_name, unmapped
from metacircuit.sheets.readers.grid import read_grid
from metacircuit.sheets.readers.metafor import DEFAULTS as METAFOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NAME, _TYPE = "Variable / Field Name", "Field Type"
_CHOICES, _IDENTIFIER = "Choices, Calculations, OR Slider Labels", "Identifier?"
_SHORT = {
    "field_name": _NAME,
    "field_type": _TYPE,
    "select_choices_or_calculations": _CHOICES,
    "identifier": _IDENTIFIER,
}
_CODED = {"radio", "dropdown", "checkbox", "yesno", "truefalse"}
_FIXED = {"yesno": {"1": "yes", "0": "no"}, "truefalse": {"1": "true", "0": "false"}}
_INSTRUMENT, _INSTANCE = "redcap_repeat_instrument", "redcap_repeat_instance"


@dataclass(frozen=True, slots=True)
class _Field:
    kind: str
    choices: Mapping[str, str]
    identifier: bool


def read(files: Files) -> Extract:
    """Read an export; its first column is the record. Fields that identify persons are left out, and said."""
    path = files.name
    dictionary, described = list(files.contents.items())[-1]
    grid = read_grid(files.data, file=path, delimiter=files.spec.delimiter)
    fields = _fields(described, base_name(dictionary))
    problems = [*grid.problems]
    names, unknown = [], []
    for column in grid.header:
        field = fields.get(column.partition("___")[0])
        if field is not None and field.identifier:
            what = f"The field {column} is marked as an identifier; it is not read."
            remedy = "Export the data without identifiers."
            problems.append(Problem(Code.PARTICIPANT_LEVEL, what, "", remedy, path, column=column, severity="warning"))
            continue
        names.append(column)
        if field is None and not column.startswith("redcap_") and not column.endswith(("_complete", "_timestamp")):
            unknown.append(column)
    for column in unknown:
        what = f"The field {column} is not in the data dictionary; it is carried along as it is."
        problems.append(unmapped(what, "Export the dictionary again.", file=path, column=column, severity="note"))
    rows = [Row(row.number, _labelled(row, names, fields, path, problems)) for row in grid.rows]
    record = grid.header[0]
    defaults = {"study_id": ("study_id", "study", record), **METAFOR}
    effects = _instances(rows, record)
    return Extract(effects=effects, defaults=defaults, problems=tuple(problems), delimiter=grid.delimiter)


def _fields(data: bytes, file: str) -> dict[str, _Field]:
    grid = read_grid(data, file=file)
    rows = [{_SHORT.get(name, name): cell for name, cell in row.cells.items()} for row in grid.rows]
    if not {_NAME, _TYPE} <= set(rows[0]):
        problem = f"{file} is no data dictionary: it has no columns {_NAME} and {_TYPE}."
        raise UnreadableError(
            Code.UNREADABLE_FILE,
            problem,
            "the data dictionary that REDCap exports",
            "Correct `dictionary` in the config.",
        )
    return {
        row[_NAME]: _Field(row[_TYPE], _choices(row), row.get(_IDENTIFIER, "").lower() in {"y", "yes", "1"})
        for row in rows
    }


def _choices(row: Mapping[str, str]) -> dict[str, str]:
    """`1, Depression | 2, Anxiety`; a calculation or the labels of a slider are no choices."""
    kind = row[_TYPE]
    if kind in _FIXED:
        return _FIXED[kind]
    if kind not in _CODED:
        return {}
    pairs = (part.partition(",") for part in row.get(_CHOICES, "").split("|"))
    return {code.strip(): label.strip() for code, comma, label in pairs if comma}


def _labelled(
    row: Row, names: Iterable[str], fields: Mapping[str, _Field], file: str, problems: list[Problem]
) -> dict[str, str]:
    cells: dict[str, str] = {}
    ticked: dict[str, list[str]] = {}
    for column in names:
        cell = row.cells[column]
        name, box, code = column.partition("___")
        field = fields.get(name)
        if field is not None and box and field.kind == "checkbox":
            label = next((text for key, text in field.choices.items() if key.lower() == code.lower()), code)
            ticked.setdefault(name, []).extend([label] if cell in {"1", "Checked"} else [])
        elif field is None or not field.choices or not cell or cell in field.choices.values():
            cells[column] = cell
        elif cell in field.choices:
            cells[column] = field.choices[cell]
        else:
            cells[column] = cell
            allowed = ", ".join(f"{key} ({text})" for key, text in list(field.choices.items())[:12])
            what = f"{shown(cell)} is no choice of {column} in the data dictionary."
            problems.append(
                replace(
                    unmapped(
                        what,
                        "Correct the record or the dictionary.",
                        file=file,
                        row=row.number,
                        column=column,
                        value=cell,
                    ),
                    allowed=allowed,
                )
            )
    return {**cells, **{name: "; ".join(labels) for name, labels in ticked.items()}}


def _instances(rows: list[Row], record: str) -> tuple[Row, ...]:
    """Where instruments repeat, each instance is an effect, and has what its record says of the study."""
    if not any(row.cells.get(_INSTANCE) for row in rows):
        return tuple(rows)
    base: dict[str, dict[str, str]] = {}
    for row in rows:
        if not row.cells.get(_INSTANCE):
            base.setdefault(row.cells[record], {}).update({n: c for n, c in row.cells.items() if c})
    with_instances = {row.cells[record] for row in rows if row.cells.get(_INSTANCE)}
    made = []
    for row in rows:
        if row.cells.get(_INSTANCE):
            made.append(Row(row.number, {**row.cells, **_blank_filled(row, base.get(row.cells[record], {}))}))
        elif row.cells[record] not in with_instances:
            made.append(Row(row.number, {**row.cells, "include": "no", "exclude_reason": "a record without an effect"}))
    return tuple(made)


def _blank_filled(row: Row, base: Mapping[str, str]) -> dict[str, str]:
    return {name: cell for name, cell in base.items() if not row.cells.get(name)}
