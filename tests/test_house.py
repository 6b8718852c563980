"""The rules of the house that a tool does not hold by itself."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "workflow/metacircuit"
LONGEST_MODULE = 250


def test_modules_hold_one_idea_each():
    long = {
        p.relative_to(ROOT).as_posix(): n
        for p in PACKAGE.rglob("*.py")
        if (n := len(p.read_text("utf-8").splitlines())) > LONGEST_MODULE
    }
    assert not long


def test_importing_the_package_loads_no_heavy_library():
    code = "import sys, metacircuit; print(sorted({'numpy', 'pandas', 'scipy', 'matplotlib'} & set(sys.modules)))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_the_public_names_exist():
    import metacircuit as mc

    assert all(callable(getattr(mc, name)) for name in mc.__all__)


def test_the_lock_files_have_hashes_and_no_addresses():
    for name in ("requirements.lock", "requirements-test.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert "--hash=sha256:" in text
        assert not re.search(r"://|index-url", text)
        assert all("==" in line for line in text.splitlines() if line and not line.startswith((" ", "#")))


def test_the_readme_python_runs(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize("path", sorted((ROOT / "workflow/rules").glob("*.smk")), ids=lambda p: p.name)
def test_rule_files_say_what_they_need(path):
    text = path.read_text("utf-8")
    assert text.startswith('"""')
    assert "REQUIRED INPUTS" in text
    for rule in re.split(r"^ *rule\b", text, flags=re.M)[1:]:
        for directive in ("log:", "benchmark:", "message:", "resources:", "shell:"):
            assert f"    {directive}" in rule, f"{path.name}: a rule has no {directive}"
