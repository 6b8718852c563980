"""The schema of a review's config and of its vocabularies; pure, the lowest layer."""

from metacircuit.config.analysis import Analysis, Derived, Model, Selection
from metacircuit.config.certainty_slices import CertaintyOf, CertaintySlice
from metacircuit.config.errors import UserError
from metacircuit.config.figure_slices import (
    DIAGNOSTIC_FIGURES,
    ClaimFiguresSlice,
    FigureSlice,
    PlotSlice,
    ReviewFigureSlice,
    figures_of,
)
from metacircuit.config.group_slices import GROUP_TABLES, AllHeterogeneitySlice, HeterogeneitySlice
from metacircuit.config.settings import Settings
from metacircuit.config.slices import (
    AccountSlice,
    CheckSlice,
    ClaimsSlice,
    DiagnoseSlice,
    FitSlice,
    HarmoniseSlice,
    MultiverseSlice,
    ReportSlice,
    TabledAnalysis,
    TablesSlice,
)
from metacircuit.config.slices_manuscript import ManuscriptSlice, SentencesSlice
from metacircuit.config.text import parse_settings, validate_settings

__all__ = [
    "DIAGNOSTIC_FIGURES",
    "GROUP_TABLES",
    "AccountSlice",
    "AllHeterogeneitySlice",
    "Analysis",
    "CertaintyOf",
    "CertaintySlice",
    "CheckSlice",
    "ClaimFiguresSlice",
    "ClaimsSlice",
    "Derived",
    "DiagnoseSlice",
    "FigureSlice",
    "FitSlice",
    "HarmoniseSlice",
    "HeterogeneitySlice",
    "ManuscriptSlice",
    "Model",
    "MultiverseSlice",
    "PlotSlice",
    "ReportSlice",
    "ReviewFigureSlice",
    "Selection",
    "SentencesSlice",
    "Settings",
    "TabledAnalysis",
    "TablesSlice",
    "UserError",
    "figures_of",
    "parse_settings",
    "validate_settings",
]
