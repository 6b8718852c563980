"""What the page says, read as text: no browser needed."""

import base64
import gzip
import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from metacircuit.report import page as page_module
from metacircuit.report.embed import as_json, digest, policy
from metacircuit.report.findings import claims_section, corrections_table
from metacircuit.report.page import build_page
from metacircuit.report.payload import payload
from metacircuit.report.pictures import pictures
from metacircuit.report.sources import Drawing

TEMPLATES = Path(page_module.__file__).parent / "templates"
LONGEST_SCRIPT = 250

CLAIMS = pd.DataFrame(
    [
        [
            "c1",
            "Reward is <b>blunted</b>.",
            "Wu 2025",
            "dependent",
            0.4,
            0.25,
            0.55,
            0.2,
            60.0,
            19.0,
            "low",
            "supported",
            "Above.",
        ],
        ["c2", "Pain differs.", "Li 2026", "none", *[float("nan")] * 6, "", "not_testable", "No study."],
    ],
    columns=[
        *("id", "statement", "source", "analysis", "estimate", "ci_lb", "ci_ub", "sesoi", "k", "studies"),
        *("certainty", "verdict", "reason"),
    ],
)
CORRECTIONS = pd.DataFrame(
    {
        "grouping": ["overall", "overall", "overall", "disorder"],
        "method": ["pet", "3psm", "trimfill_l0", "pet"],
        "method_label": ["PET", "Selection model", "Trim and fill", "PET of a stratum"],
        "family": "correction",
        "given": "study means",
        "natural": [1.25, float("nan"), 1.1, 9.9],
        "natural_lb": [0.8, float("nan"), 0.9, 9.8],
        "natural_ub": [1.9, float("nan"), 1.3, 9.95],
        "stat": [1.5, float("nan"), float("nan"), 1.0],
        "df": [28.0, float("nan"), float("nan"), 1.0],
        "pval": [0.14, float("nan"), 0.2, 0.5],
        "quantity": [float("nan"), float("nan"), 4.0, float("nan")],
        "quantity_is": ["", "", "studies filled in", ""],
        "status": ["ok", "not_converged", "ok", "ok"],
        "reason": ["", "the likelihood is flat", "", ""],
        "note": "",
    }
)


def test_claims_come_first_and_the_account_last(settings, sources):
    html = build_page(
        settings, replace(sources, claims=CLAIMS, corrections=sources.corrections | {"independent": CORRECTIONS})
    )
    order = [
        html.index(f'id="{name}"') for name in ("about", "claims", "dependent", "bounded", "rows", "problems", "made")
    ]
    assert order == sorted(order)
    assert "Reward is &lt;b&gt;blunted&lt;/b&gt;." in html
    assert '<span class="verdict supported">supported</span>' in html
    assert "Of 2 claims 1 is supported and 1 is not testable." in html
    assert "Tests of and corrections for small-study effects" in html
    assert "the likelihood is flat" in html


def test_sections_without_their_tables_are_not_there(settings, sources):
    html = build_page(settings, sources)
    assert 'id="claims"' not in html
    assert "corrections for small-study effects" not in html


def test_a_claim_is_written_with_its_evidence(settings):
    found = claims_section(CLAIMS, settings)
    first, second = found["rows"]
    assert (first["evidence"], first["basis"], first["sesoi"]) == (
        "0.40 [0.25, 0.55]",
        "60 effects, 19 studies",
        "0.2",
    )
    assert (first["link"], first["title"]) == ("dependent", "Many effects a study")
    assert (second["evidence"], second["link"], second["kind"]) == ("", "", "not-testable")
    assert claims_section(None, settings) is None


def test_corrections_of_all_studies_are_written_on_the_natural_scale():
    pet, selection, filled = corrections_table(CORRECTIONS, "OR")
    assert (pet["effect"], pet["test"], pet["pval"]) == ("1.25 [0.80, 1.90]", "1.50 (df 28)", ".140")
    assert (selection["effect"], selection["remark"]) == ("", "the likelihood is flat")
    assert filled["remark"] == "4 studies filled in"


def test_nothing_comes_from_a_network_and_no_other_script_may_run(settings, sources):
    html = build_page(settings, sources)
    assert not re.search(r"""<[^>]*(src|href)=["'](https?:)?//""", html.split('<script type="application/json"')[0])
    (told,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    (allowed,) = re.findall(r"script-src ([^;]*);", unescape(told))
    own = re.search(r"<script>(.*?)</script>", html, re.S)
    assert digest(own[1]) in allowed
    assert "unsafe" not in allowed
    assert "default-src 'none'" in policy()
    assert html.count("</script>") == 3


def test_the_same_input_gives_the_same_page(settings, sources):
    assert build_page(settings, sources) == build_page(settings, sources)


def test_data_cannot_end_its_element():
    text = as_json({"title": "</script><!--\u2028&"})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"title": "</script><!--\u2028&"}
    with pytest.raises(ValueError, match="not JSON compliant"):
        as_json({"yi": float("nan")})


def test_the_data_hold_the_rows_the_words_and_the_model(settings, sources, effects):
    found = {a["name"]: a for a in payload(settings, sources)["analyses"]}
    assert {name: a["model"]["kind"] for name, a in found.items()} == {
        "dependent": "che",
        "independent": "univariate",
        "prevalence": "glmm",
        "bounded": "",
    }
    dependent = found["dependent"]
    assert dependent["map"] == ["disorder", "circuit"]
    assert [c["name"] for c in dependent["coded"]][:3] == ["disorder", "circuit", "modality"]
    assert len(dependent["rows"]) == len(effects["dependent"])
    assert dependent["rows"][5]["yi"] == effects["dependent"]["yi"][5]
    assert len(found["bounded"]["rows"]) == len(effects["bounded"]) - 1
    row = found["prevalence"]["rows"][0]
    assert 0 <= row["events"] <= row["people"]


def test_pictures_are_plain_then_packed_then_linked():
    svg = b"".join(b"<path d='M%d %d'/>" % (i * i, 7 * i) for i in range(300))
    drawings = [Drawing("a", "funnel", svg, "Funnel"), Drawing("a", "forest_overall", svg, "Forest")]
    small = len(base64.b64encode(gzip.compress(svg, 9)))
    large = len(base64.b64encode(svg)) + 26
    funnel, forest = pictures(drawings, small + large)["a"]
    assert forest["source"].startswith("data:image/svg+xml;base64,")
    assert gzip.decompress(base64.b64decode(funnel["packed"])) == svg
    assert (funnel["source"], forest["packed"]) == ("", "")
    assert (forest["caption"], funnel["caption"]) == ("Forest plot", "Funnel plot with contours of significance")
    funnel, forest = pictures(drawings, small + 9)["a"]
    assert forest["packed"]
    assert (funnel["source"], funnel["packed"], funnel["path"]) == ("", "", "figures/a/funnel")


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.js")), ids=lambda p: p.name)
def test_scripts_are_short_strict_and_read_no_html(path):
    text = path.read_text("utf-8")
    assert text.startswith('"use strict";\n')
    assert len(text.splitlines()) < LONGEST_SCRIPT
    assert max(map(len, text.splitlines())) <= 120
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|fetch\(", text)
    assert "</script" not in text
