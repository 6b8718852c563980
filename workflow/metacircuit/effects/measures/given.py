"""Estimates that come with their variance: GEN, HR and HD (on the scale they are analysed on)."""

from __future__ import annotations

from .core import Array, Effect, formula


@formula
def given(y: Array, v: Array) -> Effect:
    """Take an estimate and its variance as they are (GEN, HR, HD).

    yi = y;  vi = v

    Parameters
    ----------
    y : estimates, shape (k,); for HR the log hazard ratio, for HD the hazard difference. v : variances, shape (k,).

    Returns
    -------
    Effect(yi, vi), shape (k,).

    Source
    ------
    Whoever computed them; a standard error is squared by `metacircuit.effects.escalc`.

    Example
    -------
    >>> given(0.4, 0.04).vi.item()
    0.04
    """
    return Effect(y, v)
