"""What a config may say about the manuscript: its skeleton, its authors, and the looks of its pages."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from metacircuit.config.section import Section


def inside_project(path: str) -> str:
    """Refuse a path that leaves the project."""
    if path.startswith(("/", "\\", "~")) or ":" in path or ".." in re.split(r"[/\\]", path):
        raise ValueError("a path is written relative to the project folder and stays inside it, such as data/my-review")
    return path


ProjectPath = Annotated[str, Field(min_length=1), AfterValidator(inside_project)]


class Author(Section):
    """One author of the manuscript."""

    name: str = Field(min_length=1)
    affiliations: tuple[str, ...] = ()
    email: str = Field("", description="Printed for the corresponding author.")
    orcid: str = Field("", pattern=r"^(\d{4}-\d{4}-\d{4}-\d{3}[\dX])?$", description="Four groups of four digits.")
    corresponding: bool = False


class Manuscript(Section):
    """The manuscript that a review builds as DOCX and PDF."""

    skeleton: ProjectPath | None = Field(
        None, description="The text with its placeholders; default: manuscript.md in the review's data folder, if any."
    )
    title: str = Field("", description="Default: the review's title.")
    authors: tuple[Author, ...] = ()
    paper: Literal["a4", "letter"] = "a4"
    csl: ProjectPath | None = Field(None, description="A citation style (.csl); default: Chicago author-date.")
    reference_docx: ProjectPath | None = Field(None, description="A Word file whose styles the DOCX takes.")
    bibliography: ProjectPath | None = Field(None, description="A .bib with what the skeleton itself cites.")
