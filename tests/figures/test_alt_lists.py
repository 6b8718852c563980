import numpy as np
import pandas as pd
from metacircuit.figures.alt_lists import comparison_alt, cumulative_alt, leave_one_out_alt, specification_alt


def test_a_comparison_in_words():
    table = pd.DataFrame(
        {
            "method": ["uncorrected", "hc", "puniform"],
            "label": ["Uncorrected", "Henmi–Copas", "p-uniform*"],
            "estimate": [-1.0, -1.2, np.nan],
            "ci_lb": [-1.5, -2.0, np.nan],
            "ci_ub": [-0.5, -0.4, np.nan],
            "status": ["ok", "few_studies", "not_estimable"],
            "reason": ["", "Fewer than 10 studies.", ""],
        }
    )
    assert comparison_alt(table, measure="PLO") == (
        "Comparison of 3 pooled proportions. Uncorrected: 26.9% (95% CI 18.2 to 37.8). "
        "Henmi–Copas: 23.1% (95% CI 11.9 to 40.1), but fewer than 10 studies. "
        "p-uniform*: no result to rely on: not estimable."
    )


def test_lists_with_failures_and_without_lines_in_words():
    table = pd.DataFrame(
        {"label": ["A", "B"], "k": [1, 2], "estimate": [0.4, np.nan], "ci_lb": [0.1, np.nan], "ci_ub": [0.7, np.nan]}
    )
    assert cumulative_alt(table, measure="SMD") == (
        "Cumulative plot of standardised mean differences, 2 steps. From 1 study (A): 0.40 (95% CI 0.10 to 0.70). "
        "1 line without a result."
    )
    assert leave_one_out_alt(table.iloc[1:], measure="SMD") == (
        "Leave-one-out plot of standardised mean differences, 1 study. 1 line without a result."
    )


def test_a_specification_curve_in_words():
    table = pd.DataFrame(
        {
            "adjusted": [True, False, True],
            "estimate": [0.1, 0.3, np.nan],
            "ci_lb": [-0.2, 0.1, np.nan],
            "ci_ub": [0.4, 0.5, np.nan],
            "pval": [0.5, 0.001, np.nan],
            "main": [False, True, False],
        }
    )
    assert specification_alt(table, measure="SMD") == (
        "Specification curve. 2 specifications: median SMD 0.20, from 0.10 to 0.30; 50% with p < .05. "
        "Medians by choice. Adjusted: yes 0.10, no 0.30. Main analysis: 0.30. 1 specification without an estimate."
    )
