"""The multilevel model: block algebra, random-effects structures, likelihood, optimisation."""
