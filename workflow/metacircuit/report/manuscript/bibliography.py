"""references.bib: what the methods cite, and the studies that the review includes."""

from __future__ import annotations

import re
import unicodedata
from importlib.resources import files
from math import isfinite
from typing import TYPE_CHECKING

from metacircuit.report.manuscript.markup import bib, markdown, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

CITATION = re.compile(r"(?<![\w@\\])@([A-Za-z][\w:-]*\w)")
_ENTRY = re.compile(r"^@\w+\{([^,\s]+),", re.M)
_UNKNOWN = re.compile(r"\[?\s*(not shown|not reported|unknown|n/?a)\b", re.I)
_HEAD = """% The studies that the review includes, with what studies.csv holds of them. entrysubtype = {magazine} keeps
% citation styles from calling a paper without a known volume "ahead of print"."""
_PRINTED_AS = ("volume", "number", "issue", "pages", "eid")


def known_entries() -> dict[str, str]:
    """The entries that generated methods may cite, by key."""
    return split_entries(
        files("metacircuit.report.manuscript").joinpath("templates", "methods.bib").read_text(encoding="utf-8")
    )


def split_entries(text: str) -> dict[str, str]:
    """Split a BibTeX file into its entries, by key.

    >>> list(split_entries("@misc{a,\\n title={A}}\\n@misc{b,\\n title={B}}\\n"))
    ['a', 'b']
    """
    starts = list(_ENTRY.finditer(text))
    ends = [m.start() for m in starts[1:]] + [len(text)]
    return {m.group(1): text[m.start() : end].strip() for m, end in zip(starts, ends, strict=True)}


def cited(text: str) -> list[str]:
    """The keys that a text cites, sorted.

    >>> cited("as in [@b2; @a1, p. 3] and a@b.c")
    ['a1', 'b2']
    """
    return sorted(set(CITATION.findall(text)))


def references(keys: Iterable[str], studies: str) -> str:
    """Write references.bib: the methods that are cited, by key, and the included studies.

    Parameters
    ----------
    keys : iterable of str
        What the manuscript cites; keys of other sources are passed over.
    studies : str
        The entries of the included studies, as from `study_entries`.

    Returns
    -------
    str
        BibTeX.
    """
    known = known_entries()
    methods = [known[key] for key in sorted(set(keys)) if key in known]
    return "\n\n".join(["% Generated. What the manuscript cites:", *methods, studies])


def study_entries(studies: pd.DataFrame, keys: Mapping[str, str]) -> str:
    """Write the included studies as BibTeX, in the order of their rows.

    Parameters
    ----------
    studies : DataFrame
        Rows of studies.csv.
    keys : mapping of str to str
        Citation key of each study_id.

    Returns
    -------
    str
        One entry a study, with what the sheet holds of it.
    """
    entries = [study_entry(row, keys[row["study_id"]]) for row in studies.to_dict("records")]
    return "\n\n".join([_HEAD, *entries]) + "\n"


def study_keys(study_ids: Iterable[str]) -> dict[str, str]:
    """A citation key for each study: its study_id in letters, digits, `_`, `-` and `:`.

    >>> study_keys(["Kaess2019", "Peña & Li 2020", "王路2020"])
    {'Kaess2019': 'Kaess2019', 'Peña & Li 2020': 'Pena_Li_2020', '王路2020': 'study_2020'}
    """
    keys: dict[str, str] = {}
    taken = set(known_entries())
    for study in study_ids:
        plain = unicodedata.normalize("NFKD", study).encode("ascii", "ignore").decode()
        stem = re.sub(r"[^A-Za-z0-9:-]+", "_", plain).strip("_:-")
        stem = stem if stem[:1].isalpha() else f"study_{stem}".rstrip("_")
        key, serial = stem, 2
        while key in taken:
            key, serial = f"{stem}_{serial}", serial + 1
        taken.add(key)
        keys[study] = key
    return keys


def study_entry(row: Mapping[str, object], key: str) -> str:
    """The BibTeX entry of a study, with the fields that are known of it."""
    fields = {
        "author": _author(row),
        "title": f"{{{bib(_known(row, 'title') or f'[title not recorded: {key}]')}}}",
        "journal": f"{{{bib(row['journal'])}}}" if one_line(row.get("journal")) else "",
        "year": _year(row),
        **{name: bib(row.get(name)) for name in _PRINTED_AS},
        "doi": _verbatim(row.get("doi")),
        "url": "" if one_line(row.get("doi")) else _verbatim(row.get("url")),
        "pmid": bib(row.get("pmid")),
    }
    if fields["journal"] and not any(fields[name] for name in _PRINTED_AS):
        fields["entrysubtype"] = "magazine"
    kind = "article" if fields["journal"] else "misc"
    lines = [f"  {name} = {{{text}}}," for name, text in fields.items() if text]
    return "\n".join([f"@{kind}{{{key},", *lines, "}"])


def study_line(row: Mapping[str, object], key: str) -> str:
    """A study as a line of the list of included studies, in Markdown."""
    author = one_line(row.get("authors")) or _known(row, "first_author")
    head = f"{author} et al." if author and not one_line(row.get("authors")) else author
    title, journal = markdown(_known(row, "title")), markdown(row.get("journal"))
    year = _year(row) or "no year"
    link = f"https://doi.org/{one_line(row['doi'])}" if one_line(row.get("doi")) else one_line(row.get("url"))
    parts = (
        f"{markdown(head or row['study_id'])} ({year}).",
        f"{title.rstrip('.')}." if title else "",
        f"*{journal}*." if journal else "",
        f"<{link}>" if re.fullmatch(r"https?://[^\s<>]+", link) else markdown(link),
    )
    return " ".join(filter(None, parts)) + f" \\[{markdown(key)}\\]"


def _known(row: Mapping[str, object], column: str) -> str:
    """A cell of the sheet, unless it says that nothing was printed."""
    text = one_line(row.get(column))
    return "" if _UNKNOWN.match(text) else text


def _author(row: Mapping[str, object]) -> str:
    """All authors as the sheet has them, or the first, taken as a whole: which part is the family name is not known."""
    if one_line(row.get("authors")):
        return bib(row["authors"])
    name = _known(row, "first_author")
    return f"{{{bib(name)}}} and others" if name else ""


def _year(row: Mapping[str, object]) -> str:
    year = row.get("year")
    return f"{year:.0f}" if isinstance(year, float) and isfinite(year) else one_line(year)


def _verbatim(text: object) -> str:
    """A DOI or an address, which BibTeX takes as it stands; braces and spaces would end it."""
    return one_line(text).replace(" ", "%20").replace("{", "%7B").replace("}", "%7D")
