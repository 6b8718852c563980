"""Whether groups differ, whether their spreads differ, whether differences are too small to matter, and what is missing."""
