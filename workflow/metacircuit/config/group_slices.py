"""What the stage that compares groups may know of the config."""

from __future__ import annotations

from metacircuit.config.analysis import Model
from metacircuit.config.heterogeneity import Heterogeneity, smallest_effect
from metacircuit.config.section import Section
from metacircuit.config.settings import Settings

GROUP_TABLES = ("interaction", "variances", "equivalence", "power")


class HeterogeneitySlice(Section):
    """For comparing the groups of one analysis; `sesoi` is the smallest effect of interest on its scale."""

    analysis: str
    measure: str
    scale: str
    groupings: tuple[str, ...]
    model: Model
    heterogeneity: Heterogeneity
    sesoi: float | None

    @classmethod
    def of(cls, settings: Settings, name: str) -> HeterogeneitySlice:
        """The slice of these settings for one analysis."""
        a, section = settings.analyses[name], settings.heterogeneity_of(name)
        return cls(
            analysis=name,
            measure=a.measure,
            scale="proportion" if a.measure in ("PLO", "PR", "PLN", "PAS", "PFT") else "",
            groupings=a.groupings,
            model=settings.model_of(name),
            heterogeneity=section,
            sesoi=smallest_effect(a.measure, section),
        )

    @property
    def factors(self) -> tuple[str, ...]:
        """The columns that the groupings are made of, each once."""
        return tuple(dict.fromkeys(factor for grouping in self.groupings for factor in grouping.split(":")))


class AllHeterogeneitySlice(Section):
    """For comparing the groups of all analyses in one process."""

    analyses: dict[str, HeterogeneitySlice]

    @classmethod
    def of(cls, settings: Settings) -> AllHeterogeneitySlice:
        """The slice of these settings."""
        return cls(analyses={name: HeterogeneitySlice.of(settings, name) for name in settings.analyses})
