"""Arguments that are one word of a few."""

from collections.abc import Iterable
from difflib import get_close_matches


def one_of(name: str, value: object, allowed: Iterable[str]) -> None:
    """Refuse a word that is not allowed, with the nearest one that is.

    Raises
    ------
    ValueError

    >>> one_of("method", "REML", ("REML", "ML"))
    """
    words = tuple(allowed)
    if value in words:
        return
    folded = {word.casefold(): word for word in words}
    near = get_close_matches(str(value).casefold(), folded, n=1)
    hint = f" Did you mean '{folded[near[0]]}'?" if near else ""
    raise ValueError(f"{name}={value!r} is not known; it can be {', '.join(words)}.{hint}")
