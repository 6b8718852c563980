"""Write the generated parts of the pages in this folder: `python docs/generate.py`.

A page holds pairs of markers, `<!-- generated: NAME -->` and `<!-- end -->`. What stands between them comes from the
code, from the reference numbers of the tests, or from the shipped review; everything else is written by hand.
`--check` writes nothing, and names the pages that are out of date.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from facts import bounds, definitions, looks, measures, routes

DOCS = Path(__file__).parent
MARKED = re.compile(r"(<!-- generated: ([\w-]+) -->\n).*?(<!-- end -->)", re.S)
PAGES = {
    "routes.md": routes.BLOCKS,
    "measures.md": measures.BLOCKS,
    "definitions.md": definitions.BLOCKS,
    "bounds.md": bounds.BLOCKS,
    "figures.md": looks.BLOCKS,
}


def renewed(page: str) -> tuple[str, str]:
    """Return a page as it stands, and with its generated parts made again."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return text, MARKED.sub(lambda found: f"{found[1]}\n{PAGES[page][found[2]]()}\n\n{found[3]}", text)


def main(arguments: list[str]) -> int:
    """Write, or with --check only name, every page that has changed."""
    if not set(arguments) <= {"--check"}:
        print(f"docs/generate.py takes --check and nothing else, not {' '.join(arguments)}.", file=sys.stderr)
        return 2
    outdated = False
    for page in PAGES:
        before, after = renewed(page)
        if after == before:
            continue
        outdated = True
        if arguments:
            print(f"docs/{page} is out of date: run `python docs/generate.py`.")
        else:
            (DOCS / page).write_text(after, encoding="utf-8", newline="\n")
            print(f"docs/{page} written")
    return int(outdated and bool(arguments))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
