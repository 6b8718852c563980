"""Whether groups differ, their spreads differ, differences are too small to matter, and what is missing."""
