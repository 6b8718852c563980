"""The claims of the shipped review: every one has a verdict, and it follows from the numbers beside it."""

import json

import pandas as pd
import pytest

# Tables hold ten digits.
PRINTED = 1e-9


@pytest.fixture(scope="module")
def claims(shipped):
    return pd.read_csv(shipped / "results/nssi/claims.csv")


@pytest.fixture(scope="module")
def published(shipped):
    return pd.read_csv(shipped / "results/nssi/published.csv")


def expected(row) -> str:
    """The rules of docs/claims.md for claims about one effect, written down a second time."""
    s, lower, upper = row["sesoi"], row["ci_lb"], row["ci_ub"]
    if row["direction"] == "positive":
        return "supported" if lower > s else "contradicted" if upper < s else "inconclusive"
    if lower > s or upper < -s:
        return "supported"
    within = all(-s < row[name] < s for name in ("ci_lb", "ci_ub", "pi_lb", "pi_ub"))
    return "contradicted" if within else "inconclusive"


def test_every_claim_has_a_verdict_that_follows_from_its_numbers(claims):
    assert len(claims) == 34
    assert set(claims["verdict"]) <= {"supported", "contradicted", "inconclusive", "not testable"}
    tested = claims[claims["test"].isin(("stratum", "variance_ratio")) & (claims["verdict"] != "not testable")]
    assert len(tested) >= 8
    for row in tested.to_dict("records"):
        assert row["by_numbers"] == expected(row), row["id"]
        assert row["verdict"] in (row["by_numbers"], "inconclusive")


def test_what_cannot_be_tested_says_what_is_missing(claims):
    lost = claims["verdict"] == "not testable"
    assert (claims.loc[lost, "missing"].str.len() > 20).all()
    assert claims.loc[~lost, "missing"].isna().all()
    assert claims["would_change"].notna().all()


def test_the_numbers_are_those_of_the_tables(claims, shipped):
    row = claims.set_index("id").loc["wu2025.emotion_regulation"]
    table = pd.read_csv(shipped / "results/nssi/estimates/neural.csv")
    own = table[(table["grouping"] == "circuit") & (table["stratum"] == "emotion_regulation")].iloc[0]
    for name in ("estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "k", "studies"):
        assert row[name] == pytest.approx(own[name], rel=PRINTED)
    numbers = json.loads((shipped / "results/nssi/manuscript/numbers.json").read_text("utf-8"))
    assert numbers["claims.wu2025.emotion_regulation.verdict"]["text"] == row["verdict"]
    assert numbers["published.Cucchi2016_1.status"]["text"] == "ok"


def test_the_report_opens_with_the_claims(claims, shipped):
    page = (shipped / "results/nssi/report.html").read_text("utf-8")
    assert page.index('id="claims"') < page.index('id="rows"')
    assert all(f'id="claim-{name}"' in page for name in claims["id"])


def test_published_estimates_stand_beside_ours(published, shipped):
    sheet = pd.read_csv(shipped / "data/nssi/published.csv")
    assert list(published["published_id"]) == list(sheet["published_id"])
    compared = published[published["status"] == "ok"]
    assert len(compared) > 20
    z = (compared["estimate"] - compared["published"]) / (compared["se"] ** 2 + compared["published_se"] ** 2) ** 0.5
    assert list(compared["z"]) == pytest.approx(list(z), rel=1e-7)  # both standard errors are printed
    wrong = published.set_index("published_id").loc["Lu2023.2"]
    assert (wrong["status"], "outside its interval" in wrong["reason"]) == ("not_comparable", True)


def test_figures_have_alternative_texts(shipped):
    folder = shipped / "results/nssi/figures"
    assert (folder / "claims.txt").read_text("utf-8").startswith("Verdicts on 34 claims")
    for name in ("prevalence", "psychosocial", "treatment", "neural"):
        assert all((folder / "published" / f"{name}.{kind}").stat().st_size for kind in ("pdf", "svg", "png", "txt"))


def test_a_claim_about_nothing_stops_the_run_with_the_nearest_name(project, run_in):
    seed = project / "seeds/wu2025.yaml"
    text = seed.read_text("utf-8")
    seed.write_text(text.replace("analysis: neural\n", "analysis: nueral\n", 1), "utf-8")
    for words in (["run", "nssi"], ["check", "nssi"]):
        done = run_in(project, *words)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "seeds/wu2025.yaml: wu2025.emotion_regulation: analysis: there is no analysis 'nueral'." in done.stderr
        assert "Did you mean 'neural'?" in done.stderr


def test_a_comparison_with_nothing_is_named(project, run_in):
    config = project / "config/nssi.yaml"
    text = config.read_text("utf-8")
    config.write_text(text.replace("stratum: eating_disorder}", "stratum: eating_disorders}", 1), "utf-8")
    done = run_in(project, "check", "nssi")
    assert done.returncode == 1
    assert (
        "published.Cucchi2016.1: disorder has no word 'eating_disorders'. Did you mean 'eating_disorder'?"
        in done.stderr
    )


def test_a_review_without_claims_has_no_claims(project, run_in):
    config = project / "config/nssi.yaml"
    text = config.read_text("utf-8")
    config.write_text(text[: text.index("# What source documents claim")], "utf-8")
    done = run_in(project, "run", "nssi", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "Answering the claims" not in done.stderr
