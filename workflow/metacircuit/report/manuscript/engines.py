"""The programs that make documents, called so that the same input gives the same bytes on every machine."""

from __future__ import annotations

import io
import os
import re
import subprocess
import zipfile
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from metacircuit.config import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

EPOCH = 315532800  # 1 January 1980, the first moment that a zip file can name
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_DATES = re.compile(rb"<dcterms:(created|modified)\b.*?</dcterms:\1>")


def pandoc(text: str, folder: Path, *options: str) -> bytes:
    """Convert Markdown with pandoc.

    Parameters
    ----------
    text : str
        Markdown.
    folder : Path
        Where files that the text names are; also stands for the user's own pandoc folder, so that none is read.
    *options : str
        Such as -t, typst; the output goes to standard output unless -o names a file.

    Returns
    -------
    bytes
        What pandoc wrote.

    Raises
    ------
    UserError
        With pandoc's message.
    """
    import pypandoc  # noqa: PLC0415 - finds the program that comes with it

    done = subprocess.run(
        [pypandoc.get_pandoc_path(), f"--data-dir={folder}", *options],
        input=text.encode("utf-8"),
        capture_output=True,
        cwd=folder,
        env=os.environ | {"SOURCE_DATE_EPOCH": str(EPOCH), "LC_ALL": "C.UTF-8"},
        check=False,
    )
    if done.returncode:
        raise UserError(f"The manuscript could not be converted. pandoc says: {done.stderr.decode('utf-8').strip()}")
    return done.stdout


def typst_pdf(source: str, folder: Path) -> bytes:
    """Set a Typst text as PDF, with the fonts of the package and without a date."""
    return _typst(source, folder, "pdf", None)


def typst_png(source: str, folder: Path, pixels_per_inch: float) -> bytes:
    """Set a Typst text of one page as PNG."""
    return _typst(source, folder, "png", pixels_per_inch)


def _typst(source: str, folder: Path, kind: str, ppi: float | None) -> bytes:
    import typst  # noqa: PLC0415 - 60 MB that only this needs

    path = folder / f"page-{kind}.typ"
    path.write_text(source, "utf-8")
    with as_file(files("metacircuit.figures").joinpath("fonts")) as fonts:
        try:
            return typst.compile(
                str(path),
                root=str(folder),
                font_paths=[str(fonts)],
                ignore_system_fonts=True,
                format=kind,
                ppi=ppi,
                timestamp=EPOCH,
            )
        except typst.TypstError as error:
            raise UserError(f"The PDF of the manuscript could not be set. Typst says: {error}") from None


def without_clock(data: bytes, edits: Mapping[str, Callable[[bytes], bytes]]) -> bytes:
    """A DOCX with all times alike and no dates in its properties; `edits` change the parts that they name."""
    edits = {"docProps/core.xml": lambda xml: _DATES.sub(b"", xml), **edits}
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as new,
    ):
        for name in old.namelist():
            info = zipfile.ZipInfo(name, _ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            content = old.read(name)
            new.writestr(info, edits[name](content) if name in edits else content)
    return out.getvalue()
