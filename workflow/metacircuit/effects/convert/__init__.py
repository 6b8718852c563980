"""From one printed statistic to another: arrays in, arrays out, one source a formula."""
