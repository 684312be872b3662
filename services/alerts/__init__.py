"""Says to people what is late: the life of an alert, and the sinks that carry it outside."""
