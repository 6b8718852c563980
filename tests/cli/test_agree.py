"""`metacircuit agree` from two sheets to the final one."""

import pandas as pd
import pytest
from click.testing import CliRunner
from metacircuit.cli.agree import command
from metacircuit.config.errors import UserError

CONFIG = "review: tiny\ntitle: T\nsummary: S\ndata: data/tiny\nanalyses:\n  r: {title: R, measure: ZCOR}\n"
FIRST = "effect_id,study_id,r,n_total\na.1,a,0.1,40\nb.1,b,0.5,90\nc.1,c,0.3,60\nd.1,d,0.2,80\n"
SECOND = "study_id,r,n_total\na,0.1,40\nb,0.5,80\nc,0.4,60\ne,0.2,80\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    for path, text in {
        "Snakefile": "",
        "config/tiny.yaml": CONFIG,
        "data/tiny/effects.csv": FIRST,
        "second.csv": SECOND,
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(*arguments):
    result = CliRunner().invoke(command, ["tiny", "second.csv", *arguments], catch_exceptions=True)
    if isinstance(result.exception, UserError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_from_two_sheets_to_the_final_one(project):
    out = project / "results/tiny/agreement"
    assert "2 disagreements; 2 of them move a pooled estimate" in _run()
    work = pd.read_csv(out / "worklist.csv", dtype=str, keep_default_na=False)
    assert work[["effect_id", "column", "first", "second"]].to_numpy().tolist() == [
        ["b.1", "n_total", "90", "80"],
        ["c.1", "r", "0.3", "0.4"],
    ]
    assert pd.read_csv(out / "only_in_one.csv")["study_id"].tolist() == ["e"]

    with pytest.raises(UserError) as caught:
        _run("--decisions", str(out / "worklist.csv"))
    assert len(caught.value.messages) == 2

    work.assign(decision=["second", "first"], decided_by="HR").to_csv(out / "worklist.csv", index=False, sep=";")
    _run("--decisions", str(out / "worklist.csv"))
    final = pd.read_csv(out / "effects.csv", dtype=str, keep_default_na=False)
    assert final["n_total"].tolist() == ["40", "80", "60", "80"]
    assert final["decided"].tolist() == ["", "n_total: second, by HR", "r: first, by HR", ""]

    with pytest.raises(UserError, match="has decisions in it"):
        _run()


def test_sheets_that_agree_leave_nothing_to_decide(project):
    (project / "second.csv").write_text(FIRST)
    assert "0 disagreements; 0 of them" in _run()


def test_rows_without_an_id_are_told(project):
    (project / "data/tiny/effects.csv").write_text(FIRST.replace("b.1", "").replace("c.1", ""))
    with pytest.raises(UserError, match="without an effect_id: 3, 4"):
        _run()


def test_sheets_without_a_common_study_are_told(project):
    (project / "second.csv").write_text("study_id,r\nz,0.1\n")
    with pytest.raises(UserError, match="Its studies are z"):
        _run()
