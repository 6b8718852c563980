"""What every section of a config has in common, and the kinds of words that it is written in."""

from __future__ import annotations

import re
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


def as_words(value: object) -> object:
    """One word stands for a list of one; YAML reads a bare yes or no as a truth value, the sheets hold the words."""
    words = value if isinstance(value, list | tuple) else [value]
    return tuple({True: "yes", False: "no"}[word] if isinstance(word, bool) else word for word in words)


def inside_project(path: str) -> str:
    """Refuse a path that leaves the project."""
    if path.startswith(("/", "\\", "~")) or ":" in path or ".." in re.split(r"[/\\]", path):
        raise ValueError("a path is written relative to the project folder and stays inside it, such as data/my-review")
    return path


Words = Annotated[tuple[str, ...], BeforeValidator(as_words), Field(min_length=1)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=60)]
Column = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
Columns = Annotated[tuple[Column, ...], BeforeValidator(as_words)]

ProjectPath = Annotated[str, Field(min_length=1), AfterValidator(inside_project)]


class Section(BaseModel):
    """Frozen, and strict about unknown keys: a typing error must not pass as a setting."""

    model_config = ConfigDict(frozen=True, extra="forbid")


SectionT = TypeVar("SectionT", bound=Section)
