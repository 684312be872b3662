"""The contract, held against its own document."""
