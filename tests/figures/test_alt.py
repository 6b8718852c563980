import math

import numpy as np
import pandas as pd
import pytest
from metacircuit.figures.alt import evidence_map_alt, forest_alt


@pytest.fixture
def tables():
    rows = pd.DataFrame(
        {
            "stratum": ["dep", "dep", "dep", "aut"],
            "study_label": list("ABCD"),
            "yi": np.log([2.0, 3.0, 4.0, 1.0]),
            "ci_lb": np.log([1.0, 1.5, 2.0, 0.5]),
            "ci_ub": np.log([4.0, 6.0, 8.0, 2.0]),
        }
    )
    shared = {"measure": "OR", "reason": "", "tau2": math.nan, "I2": math.nan, "QE": math.nan, "QEp": math.nan}
    overall = {"grouping": "overall", "stratum": "overall", "label": "All", "status": "ok", "studies": 4}
    overall |= {"estimate": math.log(2.5), "ci_lb": math.log(1.25), "ci_ub": math.log(5), "I2": 42.0, "QEp": 0.2}
    dep = {"grouping": "disorder", "stratum": "dep", "label": "Depressive disorders", "status": "ok", "studies": 3}
    dep |= {"estimate": math.log(3), "ci_lb": math.log(1.5), "ci_ub": math.log(6)}
    dep |= {"pi_lb": math.log(0.5), "pi_ub": math.log(18)}
    few = {"grouping": "disorder", "stratum": "aut", "label": "Autism", "status": "too_few", "studies": 1}
    few |= {"reason": "1 study; at least 3 are pooled"}
    empty = {"grouping": "disorder", "stratum": "sud", "label": "Substance use", "status": "empty", "studies": 0}
    estimates = pd.DataFrame([shared | row for row in (overall, dep, few, empty)])
    contrast = pd.DataFrame({"QM": [1.5], "df1": [1], "df2": [math.nan], "pval": [0.2207], "status": ["ok"]})
    return rows, estimates, contrast


def test_a_forest_plot_in_words(tables):
    assert forest_alt(*tables, favours=("less NSSI", "more NSSI")) == (
        "Forest plot of odds ratios from 4 results in 2 groups. "
        "Values to the left mean less NSSI, to the right more NSSI. "
        "All studies: 2.50 (95% CI 1.25 to 5.00), 4 studies, I² = 42.0%, p = .200. "
        "Depressive disorders: 3.00 (95% CI 1.50 to 6.00), 3 studies, prediction interval 0.50 to 18.0. "
        "Autism: not pooled: 1 study; at least 3 are pooled. "
        "No studies: Substance use. "
        "Test of differences between groups: Q(1) = 1.50, p = .221."
    )


def test_an_evidence_map_in_words():
    cells = pd.DataFrame(
        {
            "grouping": "disorder:circuit",
            "stratum": ["dep:pain", "dep:reward", "bpd:pain"],
            "label": ["Depression × Pain", "Depression × Reward", "Borderline × Pain"],
            "status": ["ok", "too_few", "ok"],
            "studies": [3, 2, 7],
            "estimate": [-0.25, math.nan, 0.5],
            "ci_lb": [-0.75, math.nan, 0.1],
            "ci_ub": [0.25, math.nan, 0.9],
        }
    )
    assert evidence_map_alt(cells, measure="SMD") == (
        "Evidence map of 2 rows and 2 columns. Of 4 cells, 2 have a pooled estimate, 1 has too few studies to pool "
        "and 1 has no usable estimate. Pooled standardised mean differences: "
        "Borderline, Pain 0.50 (95% CI 0.10 to 0.90), 7 studies; "
        "Depression, Pain −0.25 (95% CI −0.75 to 0.25), 3 studies."
    )
