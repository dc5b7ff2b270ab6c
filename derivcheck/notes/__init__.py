"""People's own notes: from Markdown or LaTeX documents to formulas in their places, and to claims that are judged."""
