"""Can a result be trusted: small-study effects, selection, resampling. Models in, frozen results out."""
