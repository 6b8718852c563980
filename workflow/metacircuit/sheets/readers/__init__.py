"""Readers: one module a format, each turning a file of another tool into rows of our tables."""

from metacircuit.sheets.readers.source import Taken, read_source

__all__ = ["Taken", "read_source"]
