"""Generalised linear mixed models for counts, by maximum likelihood with adaptive Gauss–Hermite quadrature."""
