"""Spec files: YAML text to marked data to a derivation; every problem of a file at once."""
