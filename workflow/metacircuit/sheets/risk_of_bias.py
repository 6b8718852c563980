"""Judgements of the risk of bias: rob.csv (a row a judgement), or columns rob_… of the studies (a column a domain)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.config.errors import UserError
from metacircuit.sheets.problems import shown
from metacircuit.sheets.text import read_text_sheet

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FILE = "rob.csv"
COLUMNS = ("study_id", "domain", "judgement", "support")
PREFIX = "rob_"
OVERALL = "overall"


def read_judgements(path: Path, known: Iterable[str]) -> pd.DataFrame:
    """Read rob.csv.

    Parameters
    ----------
    path : Path
        A CSV with the columns study_id, domain, judgement, and where there is one support (the reason in words).
    known : iterable of str
        The studies of the review.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, in the order of the file.

    Raises
    ------
    UserError
        With every problem at once: missing columns, empty cells, a study that the review does not have, and a domain
        that is judged twice in one study.
    """
    sheet = read_text_sheet(path.read_bytes(), name="rob", file=path.name)
    cells = sheet.cells.astype(object)
    missing = [name for name in COLUMNS[:3] if name not in cells]
    if missing:
        raise UserError(f"{path.name}: the column {' and '.join(missing)} is missing; it has {', '.join(COLUMNS)}.")
    table = pd.DataFrame({n: cells.get(n, "") for n in COLUMNS}).astype(object)
    table = table.assign(**{name: [" ".join(str(cell).split()) for cell in table[name]] for name in COLUMNS})
    studies, problems = set(known), []
    twice = table.duplicated(["study_id", "domain"])
    for row, line, again in zip(sheet.rows, table.to_dict("records"), twice, strict=True):
        where = f"{path.name} row {row}"
        empty = [name for name in COLUMNS[:3] if not line[name]]
        if empty:
            problems.append(f"{where}: {' and '.join(empty)} empty; every row has a study, a domain and a judgement.")
        elif line["study_id"] not in studies:
            problems.append(f"{where}: the study {shown(line['study_id'])} is not in the studies sheet.")
        elif again:
            problems.append(f"{where}: {shown(line['domain'])} of {shown(line['study_id'])} is judged a second time.")
    if problems:
        raise UserError(*problems)
    return table


def judgements_of(studies: pd.DataFrame) -> pd.DataFrame:
    """The judgements in the columns rob_… of the studies sheet, as rob.csv has them; empty cells are no judgement.

    Examples
    --------
    >>> studies = pd.DataFrame({"study_id": ["a", "b"], "rob_D1": ["low", "high"], "rob_overall": ["low", ""]})
    >>> judgements_of(studies)[["study_id", "domain", "judgement"]].to_numpy().tolist()
    [['a', 'D1', 'low'], ['a', 'overall', 'low'], ['b', 'D1', 'high']]
    """
    columns = [name for name in studies.columns if str(name).lower().startswith(PREFIX)]
    rows = [
        (str(line["study_id"]), str(name)[len(PREFIX) :], " ".join(str(line[name]).split()), "")
        for line in studies.to_dict("records")
        for name in columns
        if isinstance(line[name], str) and line[name].strip()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
