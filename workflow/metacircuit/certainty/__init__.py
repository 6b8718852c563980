"""How certain the evidence is, by stated rules: docs/certainty.md has them in words."""
