"""derivcheck: a spelling checker for derivations."""
