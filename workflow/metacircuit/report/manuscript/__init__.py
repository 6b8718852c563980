"""The manuscript: numbers by name, sentences that carry them, and a skeleton that pulls both in."""
