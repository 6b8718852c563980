"""Bayesian random-effects meta-analysis by quadrature: priors, the posterior of tau, and mixtures over it."""
