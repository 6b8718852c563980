"""references.bib: only what is cited, with field-correct entries, and the included studies."""

import re

import pytest
from metacircuit.report.manuscript.bibliography import (
    known_entries,
    references,
    split_entries,
    study_entries,
    study_keys,
    study_line,
)
from metacircuit.report.manuscript.engines import pandoc

NEEDED = {
    "article": {"author", "title", "journal", "year", "volume", "pages", "doi"},
    "inproceedings": {"author", "title", "booktitle", "year", "pages", "doi"},
    "manual": {"author", "title", "doi"},
    "unpublished": {"author", "title", "note", "year", "doi"},
}


@pytest.mark.parametrize(("key", "entry"), known_entries().items(), ids=str)
def test_every_entry_has_the_fields_of_its_kind(key, entry):
    kind = re.match(r"@(\w+)", entry).group(1)
    fields = dict(re.findall(r"^  (\w+)\s*= \{(.*)\},$", entry, flags=re.M))
    assert set(fields) >= NEEDED[kind]
    assert re.fullmatch(r"10\.\d{4,5}/\S+", fields["doi"])
    assert entry.count("{") == entry.count("}")
    year = re.search(r"\d{4}", key)
    assert year is None or fields["year"] == year.group()


def test_entries_are_sorted_and_no_doi_stands_twice():
    entries = known_entries()
    assert list(entries) == sorted(entries)
    dois = [re.search(r"doi\s*= \{(.*)\}", entry).group(1).lower() for entry in entries.values()]
    assert len(set(dois)) == len(dois)


def test_only_what_is_cited_is_taken():
    found = split_entries(references(["page2021", "Kaess2019"], "@misc{Kaess2019,\n}\n"))
    assert list(found) == ["page2021", "Kaess2019"]


def test_included_studies_have_what_the_sheet_holds(sources):
    keys = study_keys(sources.studies["study_id"])
    entries = split_entries(study_entries(sources.studies, keys))
    assert r"title = {{Pain \{and\} 50\% of it}}" in entries["Kaess2019"]
    assert r"journal = {{J. of A \& B}}" in entries["Kaess2019"]
    assert "doi = {10.1000/x_y(1)}" in entries["Kaess2019"]
    assert "author" not in entries["Li_2020"]
    assert "url = {https://example.org/a%20b}" in entries["Li_2020"]
    assert "title not recorded" in entries["Li_2020"]


def test_studies_that_spell_alike_have_keys_of_their_own():
    keys = study_keys(["Li 2020", "Li_2020", "page2021", "王"])
    assert len(set(keys.values())) == 4
    assert keys["page2021"] != "page2021"  # taken by a source of the methods
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_:-]*", key) for key in keys.values())


def test_a_study_is_listed_without_what_is_not_known(sources):
    rows = sources.studies.to_dict("records")
    assert study_line(rows[0], "Kaess2019") == (
        r"Kaess et al. (2019). Pain \{and\} 50% of it. *J. of A & B*. <https://doi.org/10.1000/x\_y(1)> \[Kaess2019\]"
    ).replace(r"x\_y", "x_y")
    assert study_line(rows[1], "Li_2020").startswith("Li 2020 (2020). ")


def test_citeproc_reads_the_bibliography(tmp_path, sources):
    keys = study_keys(sources.studies["study_id"])
    (tmp_path / "r.bib").write_text(references(["page2021"], study_entries(sources.studies, keys)), "utf-8")
    options = ("-f", "markdown", "-t", "plain", "--wrap=none", "--citeproc", "--bibliography=r.bib")
    text = pandoc("[@page2021; @Kaess2019]", tmp_path, *options).decode("utf-8")
    assert "Kaess et al. 2019. “Pain {and} 50% of it.” J. of A & B. https://doi.org/10.1000/x_y(1)." in text
    assert "ahead of print" not in text
    assert "PRISMA 2020 Statement" in text
