"""Grading: what a note says of the claims of a key, which steps are right, and how many points that is."""
