"""Selection models: the likelihood of effects that were published because of their p-values."""
