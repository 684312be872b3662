"""The same fold on the same events, by this engine and by what a user would pick instead."""
