"""Text to typed expressions: the language that claims are written in. Knows nothing of specs, engines, reports."""
