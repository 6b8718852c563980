"""Empty sheets to start a review with: which columns, which words, one example row."""

from metacircuit.sheets.template.layout import Layout, layout
from metacircuit.sheets.template.write import as_csv, as_workbook

__all__ = ["Layout", "as_csv", "as_workbook", "layout"]
