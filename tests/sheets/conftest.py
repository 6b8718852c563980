"""Small reviews for the tests of the sheets."""

import csv
import io

import pandas as pd
import pytest
from metacircuit.sheets.review import load_review

VOCABULARIES = {
    "disorder": pd.DataFrame(
        {
            "id": ["depressive_disorder", "bipolar_disorder", "adhd"],
            "label": ["Depressive disorders", "Bipolar disorders", "ADHD"],
        }
    ),
    "circuit": pd.DataFrame({"id": ["emotion_regulation", "none"], "label": ["Emotion regulation", "None"]}),
    "construct": pd.DataFrame(
        {"id": ["childhood_trauma", "impulsivity"], "label": ["Childhood trauma", "Impulsivity"]}
    ),
    "region": pd.DataFrame(
        {
            "id": ["amygdala", "acc"],
            "label": ["Amygdala", "Anterior cingulate cortex"],
            "synonyms": ["AMY", "dACC|ACC"],
            "circuit": ["e", "e"],
        }
    ),
}

#: A row with which nothing is wrong: t, p and the means agree.
GOOD = {
    "effect_id": "a.1", "study_id": "a", "disorder": "depressive_disorder", "circuit": "none",
    "construct": "childhood_trauma:neglect",     "region": "left amygdala", "n1": "81", "n2": "86", "n_total": "167",
    "mean1": "11.51", "sd1": "3.53", "mean2": "10.30", "sd2": "3.38",
    "t": "2.25", "df2": "165", "p_op": "=", "p": "0.026", "direction": "1", "include": "yes", "exclude_reason": "",
}  # fmt: skip


def as_csv(rows, delimiter=","):
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, restval="", delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.fixture
def load(tmp_path):
    """Load a review from the bytes or texts of its files."""

    def _load(vocabularies=None, **files):
        for name, content in files.items():
            path = tmp_path / name.replace("_csv", ".csv").replace("_tsv", ".tsv").replace("_xlsx", ".xlsx")
            path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return load_review(tmp_path, vocabularies=VOCABULARIES if vocabularies is None else vocabularies)

    return _load


@pytest.fixture
def check(load):
    """Check effects that are the good row, changed."""

    def _check(*changes, **settings):
        rows = [GOOD | {"effect_id": f"a.{i}"} | change for i, change in enumerate(changes, start=1)]
        return load(effects_csv=as_csv(rows), **settings)

    return _check
