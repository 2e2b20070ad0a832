"""Results drawn live in a notebook, and what their readers ask for."""
