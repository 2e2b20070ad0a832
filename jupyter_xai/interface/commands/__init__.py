"""The magics and the terminal: one parser, and what each command does."""
