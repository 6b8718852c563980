"""Pooling the effects of one stratum: one module a model, one result for all of them."""
