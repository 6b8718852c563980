"""The pages of docs/: their generated parts are up to date, their links lead somewhere, their examples hold."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from metacircuit.effects.measures.catalogue import ALIASES, MEASURES
from metacircuit.effects.routes import ROUTES, routes_for

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = ("routes.md", "measures.md", "definitions.md", "bounds.md", "figures.md")


def _text(page):
    return (DOCS / page).read_text(encoding="utf-8")


def _anchors(text):
    """Anchors of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_generated_parts_are_up_to_date():
    check = [sys.executable, "docs/generate.py", "--check"]
    run = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("page", PAGES)
def test_every_block_is_closed_and_filled(page):
    text = _text(page)
    assert text.count("<!-- generated: ") == text.count("<!-- end -->") > 0
    assert not re.search(r"<!-- generated: [\w-]+ -->\s*<!-- end -->", text)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", _text(page)):
        path, _, anchor = target.partition("#")
        file = (DOCS / path).resolve() if path else DOCS / page
        assert file.is_file(), target
        assert not anchor or anchor in _anchors(file.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("page", PAGES)
def test_tables_have_as_many_cells_as_their_header(page):
    # A vertical bar that is not escaped ends a cell, inside code as well.
    for block in re.findall(r"(?:^\|.*\|\n)+", _text(page), re.M):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1, block[:200]


def test_every_measure_and_every_route_is_documented():
    assert set(MEASURES) <= set(re.findall(r"^### (\w+)$", _text("measures.md"), re.M))
    assert all(f", {second} |" in _text("measures.md") for second in ALIASES)
    documented = set(re.findall(r"^\| \d+ \| `([\w.]+)` \|", _text("routes.md"), re.M))
    assert documented == {route.id for routes in ROUTES.values() for route in routes}


def test_the_order_in_the_example_is_one_that_a_config_may_name():
    (names,) = re.findall(r"routes: \[(.*)\]", _text("routes.md"))
    assert [route.id for route in routes_for("SMD", names.split(", "))] == names.split(", ")


def test_codes_that_are_said_not_to_be_offered_are_not():
    (said,) = re.findall(r"^Codes of metafor that are not offered: (.*?)\. They", _text("definitions.md"), re.M | re.S)
    codes = re.findall(r"\b[A-Z0-9]{3,}\b", said)
    assert len(codes) > 10
    assert not {*codes} & {*MEASURES, *ALIASES}
