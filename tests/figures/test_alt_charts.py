import numpy as np
import pandas as pd
from metacircuit.figures.alt_charts import baujat_alt, funnel_alt, gosh_alt


def test_a_funnel_in_words():
    effects = pd.DataFrame(
        {
            "study_label": ["A", "B", "C", "Filled 1", "D"],
            "yi": np.log([2.0, 3.0, 40.0, 0.1, 1.0]),
            "vi": [0.04, 0.09, 0.16, 0.16, np.nan],
            "filled": [False, False, False, True, False],
        }
    )
    assert funnel_alt(effects, measure="OR", estimate=np.log(2.5)) == (
        "Funnel plot of odds ratios against their standard errors, 3 effects. Standard errors 0.20 to 0.40. "
        "Estimate 2.50: 1 effect below it, 2 above, 1 outside the region where 95% are expected: C. "
        "1 effect filled in by trim and fill. Not shown: 1 row without an effect or its variance."
    )


def test_a_funnel_in_panels_in_words():
    effects = pd.DataFrame(
        {"study_label": ["A", "B"], "yi": [0.1, 0.2], "vi": [0.04, 0.09], "disorder": ["Depression", "PTSD"]}
    )
    assert funnel_alt(effects, measure="SMD", panel="disorder", estimate={"PTSD": 0.2}) == (
        "Funnel plot of standardised mean differences against their standard errors, 2 effects in 2 panels. "
        "Depression, 1 effect: standard errors 0.20 to 0.20. "
        "PTSD, 1 effect: standard errors 0.30 to 0.30. "
        "Estimate 0.20: 0 effects below it, 1 above, 0 outside the region where 95% are expected."
    )


def test_empty_tables_in_words():
    none = pd.DataFrame(columns=["study_label", "yi", "vi", "x", "y", "k", "estimate", "I2"], dtype=float)
    assert funnel_alt(none, measure="SMD").endswith("against their standard errors, 0 effects.")
    assert baujat_alt(none, measure="SMD").startswith("Baujat plot of 0 studies")
    assert gosh_alt(none, measure="SMD") == "GOSH plot of standardised mean differences: no subsets."


def test_a_gosh_plot_without_a_study_singled_out_in_words():
    subsets = pd.DataFrame({"k": [1, 1, 2], "estimate": [0.1, 0.5, 0.3], "I2": [0.0, 0.0, 61.0]})
    assert gosh_alt(subsets, measure="SMD") == (
        "GOSH plot: standardised mean differences and I² of 3 subsets of up to 2 studies. "
        "All: median 0.30, middle half 0.20 to 0.40, median I² 0.0%."
    )
