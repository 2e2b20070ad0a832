"""One prompt, one response, one model: runs methods, estimates, measures, answers changed prompts.

Gives results; shows nothing.
"""
