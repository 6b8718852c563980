"""Cluster-robust inference: sandwich estimators, small-sample degrees of freedom, the wild bootstrap."""
