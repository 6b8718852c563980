"""The multiverse: every combination of the choices that could have been made otherwise, and what each one moves."""

from metacircuit.diagnostics.multiverse.run import Multiverse, multiverse

__all__ = ["Multiverse", "multiverse"]
