"""The schema of a review's config and of its vocabularies; pure, the lowest layer."""

from metacircuit.config.errors import UserError
from metacircuit.config.settings import Analysis, Derived, Model, Selection, Settings
from metacircuit.config.slices import (
    AccountSlice,
    CheckSlice,
    FigureSlice,
    FitSlice,
    HarmoniseSlice,
    ReportSlice,
    figures_of,
)
from metacircuit.config.text import parse_settings, validate_settings

__all__ = [
    "AccountSlice",
    "Analysis",
    "CheckSlice",
    "Derived",
    "FigureSlice",
    "FitSlice",
    "HarmoniseSlice",
    "Model",
    "ReportSlice",
    "Selection",
    "Settings",
    "UserError",
    "figures_of",
    "parse_settings",
    "validate_settings",
]
