"""Every diagnostic of an analysis, stratum by stratum, as the tables that the pipeline writes."""

from metacircuit.diagnostics.battery.run import Diagnostics, diagnose

__all__ = ["Diagnostics", "diagnose"]
