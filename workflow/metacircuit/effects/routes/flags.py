"""What may have to be said about a converted row: short codes, each with its sentence.

While rows are converted, the flags of a row are the bits of one integer. They become text by distinct combination.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Bits = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Flag:
    """A code for tables, the sentence for readers, and whether it is an assumption (or a remark)."""

    code: str
    sentence: str
    assumption: bool = True


FLAGS = (
    Flag("adjusted_estimate", "The statistic is adjusted for covariates and stands beside unadjusted ones."),
    Flag("peak", "The statistic is a maximum of a whole-brain search, hence inflated.", assumption=False),
    Flag("assumed_equal_groups", "Only the total n is printed, and two groups of equal size were assumed."),
    Flag("derived_group_size", "One group size was taken as the total n minus the other.", assumption=False),
    Flag("totals_as_n", "The group sizes are the totals of the counts.", assumption=False),
    Flag("n_from_df", "No n is printed, and it was taken as the degrees of freedom plus 2."),
    Flag(
        "clustered",
        "People came in clusters: their numbers were divided by the design effect, or a printed variance multiplied.",
    ),
    Flag("clusters_unknown", "Of icc and cluster_size only one is known, and no allowance was made for clusters."),
    Flag("shared_control", "Group 2 stands in several comparisons, and its people were divided among them."),
    Flag(
        "shared_control_kept",
        "Group 2 stands in several comparisons, which the printed interval or p does not allow for.",
    ),
    Flag("df_differs", "The degrees of freedom do not fit the group sizes, which were used as printed."),
    Flag("printed_unsigned", "The statistic is printed without a sign, and its direction gives the sign."),
    Flag("sign_contradiction", "The printed sign contradicts the direction, and the direction was followed."),
    Flag("own_sign", "No direction is coded, and the statistic's own sign was used."),
    Flag("converted_or", "A log odds ratio was rescaled by √3/π, as if a logistic variable had been cut in two."),
    Flag(
        "converted_smd",
        "A standardised difference was rescaled by π/√3, as if a logistic variable had been cut in two.",
    ),
    Flag("converted_r", "A correlation of continuous variables was turned into the difference between two halves."),
    Flag("phi_as_r", "The phi coefficient of a fourfold table was taken as a correlation."),
    Flag("rank_test", "The z was turned into the t with the same p."),
    Flag("beta_as_r", "A standardised slope was turned into a correlation by the rule of Peterson and Brown (2005)."),
    Flag("beta_out_of_range", "The slope is beyond ±0.5, for which that rule was made."),
    Flag("spearman", "Spearman's rank correlation was taken as Pearson's."),
    Flag("hr_as_or", "A hazard ratio was taken as an odds ratio."),
    Flag("irr_as_or", "A rate ratio was taken as an odds ratio."),
    Flag("se_from_p", "The standard error follows from the exact p of a normal test."),
    Flag("asymmetric_ci", "The estimate is not in the middle of its interval, and the whole width was used."),
    Flag("or_per_unit", "The odds ratio is too precise for two groups of this size: it is per unit of a scale."),
    Flag("zero_cell", "A cell is zero, and 0.5 was added to every cell."),
    Flag("first_group_only", "The proportion is that of group 1."),
    Flag("moments_from_quantiles", "Mean and SD were estimated from quantiles, as of a normal sample."),
    Flag("sd_from_test", "Both groups were taken to have the SD that follows from the means and their test."),
    Flag("sd_from_quantiles", "The SDs were estimated from quartiles or ranges, as of a normal sample."),
    Flag("change_scores", "The means are changes, in units of the SD of the change."),
    Flag("paired", "Before and after were taken to have one SD and a correlation of {pre_post_r:g}."),
    Flag("paired_known_r", "Before and after were taken to have one SD, and their correlation is the paper's."),
    Flag("paired_d_scale", "The printed d was taken as standardised by the SD of one occasion."),
    Flag("bare_p", "The p is printed without =, < or > and was taken as exact."),
    Flag("p_bound", "Only a bound on p is known, and the effect lies between the limits.", assumption=False),
    Flag("p_as_limit", "The exact p does not belong to this comparison alone, and was taken as an upper limit."),
    Flag("printed_limit", "The printed effect is itself a limit.", assumption=False),
)

_BIT = {flag.code: np.int64(1) << np.int64(i) for i, flag in enumerate(FLAGS)}


def bit(*codes: str) -> np.int64:
    """Return the integer in which exactly these flags are set.

    Examples
    --------
    >>> int(bit("adjusted_estimate", "peak"))
    3
    """
    return np.bitwise_or.reduce(np.array([_BIT[code] for code in codes], dtype=np.int64), initial=0)


def codes_of(bits: Bits) -> NDArray[np.object_]:
    """Write the codes of each row, joined by "; "."""
    return _written(bits, (flag.code for flag in FLAGS))


def sentences_of(bits: Bits, **values: float) -> NDArray[np.object_]:
    """Write the assumptions of each row as sentences, with these values in their places."""
    return _written(bits, (flag.sentence.format(**values) if flag.assumption else "" for flag in FLAGS))


def _written(bits: Bits, words: Iterable[str]) -> NDArray[np.object_]:
    named = [(_BIT[flag.code], word) for flag, word in zip(FLAGS, words, strict=True) if word]
    distinct, inverse = np.unique(bits, return_inverse=True)
    texts = np.array(["; ".join(word for b, word in named if b & pattern) for pattern in distinct], dtype=object)
    return texts[inverse] if len(texts) else np.empty(0, dtype=object)
