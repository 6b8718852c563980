"""Every diagnostic of an analysis, stratum by stratum, as the tables that the pipeline writes."""
