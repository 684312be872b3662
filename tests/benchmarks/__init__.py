"""Programs that measure: each prints a table of figures and asserts no time."""
