"""Captions of the figures by their names; nothing of the drawing library is loaded."""

KINDS = {
    "forest": "Forest plot",
    "map": "Evidence map",
    "orchard": "Orchard plot",
    "matrix": "Matrix of estimates",
    "caterpillar": "Caterpillar plot",
    "drapery": "Drapery plot",
    "radial": "Radial plot",
    "labbe": "L’Abbé plot",
    "bubble": "Bubble plot",
    "funnel": "Funnel plots",
}


def caption_of(name: str) -> str:
    """The caption of a figure of an analysis that is not one of its diagnostics.

    Examples
    --------
    >>> caption_of("forest_overall"), caption_of("matrix_disorder-circuit"), caption_of("bubble_mean_age")
    ('Forest plot', 'Matrix of estimates by disorder × circuit', 'Bubble plot by mean age')
    """
    kind, _, factors = name.partition("_")
    by = factors.replace("-", " × ").replace("_", " ")
    return KINDS[kind] if factors in ("", "overall") else f"{KINDS[kind]} by {by}"
