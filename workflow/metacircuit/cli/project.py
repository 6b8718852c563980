"""Where the project is, and what its config says."""

from __future__ import annotations

import difflib
from pathlib import Path

from metacircuit.config import Settings, UserError, parse_settings


def find_project(start: Path | None = None) -> Path:
    """Find the folder with the Snakefile and config/, here or above."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "Snakefile").is_file() and (folder / "config").is_dir():
            return folder
    raise UserError(
        f"{here} is not inside a metacircuit project: no folder from here up has a Snakefile and config/."
        " Go to the project's folder and run again."
    )


def read_settings(project: Path, review: str) -> Settings:
    """Read and validate config/REVIEW.yaml."""
    path = project / "config" / f"{review}.yaml"
    known = sorted(p.stem for p in (project / "config").glob("*.yaml"))
    if review not in known:
        near = difflib.get_close_matches(review, known, n=1)
        hint = f" Did you mean `{near[0]}`?" if near else ""
        raise UserError(
            f"There is no review `{review}`: config/{review}.yaml does not exist.{hint}"
            f" Reviews here: {', '.join(known)}."
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"config/{review}.yaml is not UTF-8 text. Save it as UTF-8 and run again.") from None
    settings = parse_settings(text, source=f"config/{review}.yaml")
    if settings.review != review:
        raise UserError(
            f"config/{review}.yaml: review: {settings.review!r} is not the file's name."
            f" Write `review: {review}`, or rename the file to {settings.review}.yaml."
        )
    return settings
