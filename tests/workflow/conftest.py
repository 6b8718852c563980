"""A copy of the project to run for real, so that no test touches the working tree."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUN_SECONDS = 900  # a hung run must fail, and a slow or busy machine must not

Run = Callable[..., subprocess.CompletedProcess]


def copy_project(target: Path) -> Path:
    for name in ("Snakefile", "workflow", "config", "data", "seeds"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    return target


def _run(project: Path, *words: str) -> subprocess.CompletedProcess:
    """Run `metacircuit …` as a user does, and return its exit code and what it said."""
    call = [sys.executable, "-m", "metacircuit.cli", *words]
    return subprocess.run(
        call,
        cwd=project,
        env=os.environ | {"PYTHONHASHSEED": "random"},
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )


@pytest.fixture(scope="session")
def run_in() -> Run:
    """Run `metacircuit …` in a project as a user does."""
    return _run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A fresh copy of the project."""
    return copy_project(tmp_path / "project")


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which the shipped review has been run."""
    made = copy_project(tmp_path_factory.mktemp("shipped") / "project")
    done = _run(made, "run", "nssi")
    assert done.returncode == 0, done.stdout + done.stderr
    return made
