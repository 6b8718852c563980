"""What the stage that judges certainty may know of the config."""

from __future__ import annotations

from metacircuit.config.certainty import Certainty
from metacircuit.config.heterogeneity import smallest_effect
from metacircuit.config.section import Section
from metacircuit.config.settings import Settings


class CertaintyOf(Section):
    """One analysis: its question's smallest effect, design and target, and the power of the optimal size."""

    analysis: str
    title: str
    measure: str
    groupings: tuple[str, ...]
    certainty: Certainty
    sesoi: float | None
    power: float
    level: float


class CertaintySlice(Section):
    """For judging the certainty of all analyses, and for the checklist of what is reported."""

    review: str
    title: str
    data: str
    reported: dict[str, bool]
    analyses: dict[str, CertaintyOf]

    @classmethod
    def of(cls, settings: Settings) -> CertaintySlice:
        """The slice of these settings."""
        analyses = {}
        for name, a in settings.analyses.items():
            asked = settings.heterogeneity_of(name)
            analyses[name] = CertaintyOf(
                analysis=name,
                title=a.title,
                measure=a.measure,
                groupings=a.groupings,
                certainty=settings.certainty_of(name),
                sesoi=smallest_effect(a.measure, asked),
                power=asked.power,
                level=settings.model_of(name).level,
            )
        own = settings.analyses.values()
        reported = {
            "questions": all(a.question for a in own),
            "groupings": any(a.groupings for a in own),
            "limits": bool(settings.limits),
        }
        return cls(
            review=settings.review, title=settings.title, data=settings.data, reported=reported, analyses=analyses
        )
