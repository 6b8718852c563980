"""Words of a vocabulary in other spellings, and the regions in a text."""

import pandas as pd
import pytest
from metacircuit.sheets.words import Words, find_regions

REGIONS = Words.of(
    pd.DataFrame(
        {
            "id": ["amygdala", "acc", "insula", "ofc", "nacc"],
            "label": ["Amygdala", "Anterior cingulate cortex", "Insula", "Orbitofrontal cortex", "Nucleus accumbens"],
            "synonyms": ["AMY", "ACC|dACC", "", "OFC|orbital frontal", "NAcc"],
        }
    )
)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("left amygdala", ("amygdala",)),
        ("Right_OFC", ("ofc",)),
        ("dACC", ("acc",)),
        ("right nucleus accumbens - left inferior cerebellum", ("nacc",)),
        ("insula / amygdala", ("insula", "amygdala")),
        ("dorsal anterior cingulate cortex (channel 6)", ("acc",)),
        ("amygdala and amygdala", ("amygdala",)),
        ("insular cortex", ()),
        ("whole brain", ()),
    ],
)
def test_regions(text, ids):
    assert find_regions(text, REGIONS) == ids


def test_labels_and_spellings_mean_their_id():
    words = Words.of(pd.DataFrame({"id": ["eating_disorder"], "label": ["Eating disorders (any)"]}))
    assert {
        words.find(w) for w in ("eating_disorder", "Eating disorder", "EATING-DISORDER", "eating disorders (any)")
    } == {"eating_disorder"}
    assert words.find("eating") is None
    assert words.nearest("eatng disorder") == "eating_disorder"
    assert words.nearest("qqq") is None
