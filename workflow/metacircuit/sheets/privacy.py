"""Refuse sheets about single persons: this is a pipeline for aggregate data, and such sheets must not travel."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from metacircuit.sheets.columns import STANDARD
from metacircuit.sheets.parse import read_numbers
from metacircuit.sheets.problems import Code, Problem

if TYPE_CHECKING:
    from metacircuit.sheets.raw import RawSheet

_PERSON = r"(?:patient|participant|subject|person|respondent|client|proband|case)"
_IDENTIFYING = {
    "names of persons": re.compile(
        rf"(?:{_PERSON}_?)?(?:first|given|last|family|full|sur)_?name|surname|{_PERSON}_?name|initials|vorname|nachname|姓名"
    ),
    "dates of birth": re.compile(
        r"dob|(?:date|day|year)_?of_?birth|birth_?(?:date|day|year)|born(?:_on)?|geburts(?:datum|tag|jahr)|date_(?:de_)?naissance|fecha_(?:de_)?nacimiento|出生日期"
    ),
    "record numbers": re.compile(
        r"mrn|(?:medical|hospital|health|patient)_?(?:record|file|insurance|case)?_?(?:number|no|num|nr)|record_?(?:number|no|nr)"
        r"|nhs_?(?:number|no)|ssn|social_security(?:_number)?|national_id|passport(?:_number)?|身份证号|病历号|住院号"
    ),
    "addresses of persons": re.compile(
        rf"(?:{_PERSON}_)?(?:e_?mail|phone|telephone|mobile|street|postcode|zip_?code|home_address)(?:_number)?"
    ),
}
_PERSON_ID = re.compile(rf"{_PERSON}_?(?:id|code|no|nr|number)|pid|vpn?_?(?:code|nr)|id")
_AGE, _SEX = re.compile(r"age(?:_years)?|alter"), re.compile(r"sex|gender|geschlecht")
_SEXES = {
    "m",
    "f",
    "w",
    "male",
    "female",
    "man",
    "woman",
    "boy",
    "girl",
    "0",
    "1",
    "2",
    "男",
    "女",
    "nonbinary",
    "diverse",
    "d",
    "",
}
_MANY = 5

_ALLOWED = "aggregate data: one row an effect or a study"
_REMEDY = "Remove the sheet and keep it where such data may be kept; enter statistics of groups (n, mean, SD) instead."


def refuse_persons(sheet: RawSheet) -> list[Problem]:
    """Report signs that the rows of a sheet are persons; their cells are never repeated in a message.

    Signs are columns of names, dates of birth or record numbers; ids of persons or age and sex where no statistic
    stands; and groups of one participant in most rows.

    Parameters
    ----------
    sheet : RawSheet
        As read.

    Returns
    -------
    list of Problem
        Empty for aggregate data. A sheet with any is to be set aside whole.
    """
    found = [
        _problem(sheet, f"The column {name} is one of {what}.", name)
        for name in sheet.cells.columns
        for what, pattern in _IDENTIFYING.items()
        if pattern.fullmatch(name.split("__")[0])
    ]
    return found or [_problem(sheet, text, column) for text, column in _row_a_person(sheet)]


def _problem(sheet: RawSheet, text: str, column: str) -> Problem:
    return sheet.problem(
        Code.PARTICIPANT_LEVEL,
        f"{text} The sheet looks like data of single persons and is not read.",
        _ALLOWED,
        _REMEDY,
        column=column,
    )


def _row_a_person(sheet: RawSheet) -> list[tuple[str, str]]:
    names = list(sheet.cells.columns)
    if sheet.name == "effects" and "effect_id" not in names and not _has_statistics(sheet):
        person = next((n for n in names if _PERSON_ID.fullmatch(n) and _distinct(sheet, n)), None)
        if person and (person != "id" or _age_and_sex(sheet)):
            return [(f"Each row has its own {person}, and no column is a statistic of a group.", person)]
        if _age_and_sex(sheet):
            return [("Each row has one age and one sex, and no column is a statistic of a group.", "")]
    ones = [n for n in ("n_total", "n1") if n in names and _all_ones(sheet, n)]
    return [(f"{ones[0]} is 1 in most rows.", ones[0])] if ones else []


def _has_statistics(sheet: RawSheet) -> bool:
    statistics = {
        c.name for c in STANDARD["effects"] if c.group in {"groups", "means", "medians", "test", "ratio", "counts"}
    }
    return len(statistics & set(sheet.cells.columns)) >= 2


def _distinct(sheet: RawSheet, name: str) -> bool:
    return len(sheet.rows) >= _MANY and sheet.cells[name].nunique() >= 0.9 * len(sheet.rows)


def _age_and_sex(sheet: RawSheet) -> bool:
    age = next((n for n in sheet.cells.columns if _AGE.fullmatch(n)), None)
    sex = next((n for n in sheet.cells.columns if _SEX.fullmatch(n)), None)
    if age is None or sex is None or len(sheet.rows) < _MANY:
        return False
    words = {word.strip().casefold() for word in sheet.cells[sex].cat.categories}
    ages = read_numbers(sheet.cells[age].cat.categories).numbers
    return words <= _SEXES and bool(np.all((ages[np.isfinite(ages)] > 0) & (ages[np.isfinite(ages)] < 120)))


def _all_ones(sheet: RawSheet, name: str) -> bool:
    cells = sheet.cells[name]
    filled = cells[cells.astype(str).str.strip() != ""]
    return len(filled) >= _MANY and (filled.astype(str).str.strip() == "1").mean() > 0.5
