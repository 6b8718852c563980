"""The arithmetic of small-study tests and corrections: arrays in, numbers out."""
