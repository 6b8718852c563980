"""Statements of source documents as tests on the analyses, and the verdicts that follow from the results."""
