"""The schema of a review's config and of its vocabularies; pure, the lowest layer."""

from metacircuit.config.errors import UserError
from metacircuit.config.settings import Analysis, Derived, Model, Selection, Settings
from metacircuit.config.slices import (
    DIAGNOSTIC_FIGURES,
    AccountSlice,
    CheckSlice,
    ClaimFiguresSlice,
    ClaimsSlice,
    DiagnoseSlice,
    FigureSlice,
    FitSlice,
    HarmoniseSlice,
    MultiverseSlice,
    ReportSlice,
    TabledAnalysis,
    TablesSlice,
    figures_of,
)
from metacircuit.config.text import parse_settings, validate_settings

__all__ = [
    "DIAGNOSTIC_FIGURES",
    "AccountSlice",
    "Analysis",
    "CheckSlice",
    "ClaimFiguresSlice",
    "ClaimsSlice",
    "Derived",
    "DiagnoseSlice",
    "FigureSlice",
    "FitSlice",
    "HarmoniseSlice",
    "Model",
    "MultiverseSlice",
    "ReportSlice",
    "Selection",
    "Settings",
    "TabledAnalysis",
    "TablesSlice",
    "UserError",
    "figures_of",
    "parse_settings",
    "validate_settings",
]
