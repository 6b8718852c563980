"""Levels of certainty, and steps down from them."""

from __future__ import annotations

from dataclasses import dataclass

LEVELS = ("very low", "low", "moderate", "high")
DOMAINS = ("risk_of_bias", "inconsistency", "indirectness", "imprecision", "small_study_effects")
CERTAINTY = "certainty"
STEPS = {"not serious": 0, "serious": -1, "very serious": -2}
NOT_ASSESSED = "not assessed"


@dataclass(frozen=True, slots=True)
class Rating:
    """How far one domain lowers the certainty, and why; what could not be judged is said as such."""

    steps: int
    reason: str
    assessed: bool = True

    @property
    def word(self) -> str:
        """not serious, serious, very serious, or not assessed."""
        return next(word for word, n in STEPS.items() if n == self.steps) if self.assessed else NOT_ASSESSED


def level_after(start: str, steps: int) -> str:
    """The level after so many steps (down is negative), never below the lowest or above the highest.

    >>> level_after("high", -1), level_after("low", -3)
    ('moderate', 'very low')
    """
    return LEVELS[min(max(LEVELS.index(start) + steps, 0), len(LEVELS) - 1)]
