"""Options that several stages share, and what they are read into."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd

READ = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
WRITE = click.Path(dir_okay=False, path_type=Path)

words_option = click.option(
    "--words", "words", multiple=True, metavar="NAME=FILE", help="A vocabulary; may be repeated."
)


def slice_option(name: str) -> Callable[[Any], Any]:
    """Make the option --slice, read as one of the slices in `metacircuit.config`."""

    def read(ctx: click.Context, param: click.Parameter, value: str) -> object:  # noqa: ARG001 - click's signature
        from metacircuit import config

        return getattr(config, name).model_validate_json(value)

    return click.option(
        "--slice", "spec", required=True, callback=read, metavar="JSON", help="The stage's slice of the config."
    )


def read_words(pairs: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Read vocabularies named NAME=FILE."""
    from metacircuit.sheets.vocabulary import read_vocabulary

    return {name: read_vocabulary(Path(path)) for name, _, path in (pair.partition("=") for pair in pairs)}
