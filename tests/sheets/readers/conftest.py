"""Sources for the tests of the readers: real files, and small ones in the shape of real ones."""

import shutil
from pathlib import Path

import pytest
from metacircuit.config.source import Source
from metacircuit.sheets.review import load_review

EXTERNAL = Path(__file__).parents[4] / "shared/external"


@pytest.fixture
def load(tmp_path):
    """Load a source from files beside the project (Path) or from texts and bytes (name: content)."""

    def _load(*real, vocabularies=None, made=None, **spec):
        folder = tmp_path / "data"
        folder.mkdir(exist_ok=True)
        names = []
        for path in real:
            if not (EXTERNAL / path).is_file():
                pytest.skip(f"the real file ../shared/external/{path} is not beside the project")
            shutil.copy(EXTERNAL / path, folder)
            names.append(Path(path).name)
        for name, content in (made or {}).items():
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
            names.append(name)
        files = [f"data/{name}" for name in names]
        if spec.get("format") == "redcap":
            spec |= {"dictionary": files.pop()}
        source = Source(file=files, **spec)
        return load_review(folder, vocabularies=vocabularies or {}, source=source, project=tmp_path)

    return _load


@pytest.fixture
def errors():
    """The errors of a load, as code and row."""

    def _errors(sheets, severity="error"):
        found = sheets.problems[sheets.problems["severity"] == severity]
        return list(zip(found["code"], found["row"].astype(object), strict=True))

    return _errors
