"""The parts of a univariate model: its inputs, and what can be asked of a fitted one."""
