"""Setting up on machines that lack something: one clear sentence, and exit code 1."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project folder with what setting up needs, and a folder for programs that stand in front of the real ones."""
    shutil.copytree(ROOT / "workflow", tmp_path / "workflow", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("requirements.lock", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, tmp_path / name)
    (tmp_path / "bin").mkdir()
    return tmp_path


def program(folder: Path, name: str, script: str) -> None:
    path = folder / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)


def set_up(folder: Path, **environment: str) -> subprocess.CompletedProcess:
    known = {
        name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "VIRTUAL_ENV", "PYTHON"))
    }
    return subprocess.run(
        ["sh", "workflow/environment.sh", "requirements.lock"],
        cwd=folder,
        env=known | {"PATH": f"{folder / 'bin'}:/usr/bin:/bin"} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def sentences(done: subprocess.CompletedProcess) -> list[str]:
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return [line for line in done.stderr.splitlines() if line.startswith("metacircuit: ") and "installing" not in line]


def test_an_older_python_is_named(folder):
    program(folder, "old", 'case "$*" in *--version*) echo Python 3.8.1;; *) exit 1;; esac')
    (sentence,) = sentences(set_up(folder, PYTHON="old"))
    assert "Python 3.11 or newer is needed" in sentence
    assert "old is Python 3.8.1" in sentence
    assert "make PYTHON=" in sentence


def test_a_python_that_does_not_run_is_named(folder):
    program(folder, "stub", "exit 1")
    (sentence,) = sentences(set_up(folder, PYTHON="stub"))
    assert "stub does not run" in sentence


@pytest.mark.parametrize("named", [{}, {"PYTHON": "nowhere"}])
def test_without_any_python_there_is_one_sentence_and_no_shell_error(folder, named):
    (folder / "bin/sh").symlink_to("/bin/sh")
    done = set_up(folder, PATH=str(folder / "bin"), **named)
    (sentence,) = sentences(done)
    assert f"there is no {named.get('PYTHON', 'python3')};" in sentence
    assert done.stderr.splitlines() == [sentence]


# Stands for a python that makes an environment, in which every call succeeds and installs nothing.
MAKER = """case "$*" in "-m venv "*)
    mkdir -p "$3/bin" && touch "$3/pyvenv.cfg" "$3/new"
    printf '#!/bin/sh\\nexit 0\\n' >"$3/bin/python" && chmod +x "$3/bin/python";;
esac"""


@pytest.mark.parametrize(
    ("script", "config", "rebuilt"),
    [("exit 0", True, False), ("exit 0", False, True), ('case "$*" in *"-m pip"*) exit 1;; esac', True, True)],
    ids=["whole", "no pyvenv.cfg", "no pip"],
)
def test_an_interrupted_environment_is_rebuilt(folder, script, config, rebuilt):
    (folder / ".venv/bin").mkdir(parents=True)
    program(folder, "../.venv/bin/python", script)
    if config:
        (folder / ".venv/pyvenv.cfg").touch()
    program(folder, "maker", MAKER)
    done = set_up(folder, PYTHON="maker")
    assert done.returncode == 0, done.stderr
    assert (folder / ".venv/new").exists() == rebuilt


def test_a_python_without_venv_is_told_what_to_install(folder):
    program(folder, "half", f'case "$*" in *ensurepip*) exit 1;; *) exec {sys.executable} "$@";; esac')
    (sentence,) = sentences(set_up(folder, PYTHON="half"))
    assert "apt install python3-venv" in sentence


def test_without_network_it_says_so(folder):
    program(folder, "python-here", f'exec {sys.executable} "$@"')
    closed = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
        "PIP_RETRIES": "0",
        "PIP_TIMEOUT": "1",
        "PIP_CONFIG_FILE": os.devnull,
    }
    (sentence,) = sentences(set_up(folder, PYTHON="python-here", **closed))
    assert "check the network connection" in sentence
