"""Whether scores can be trusted: ``checks`` on the game of one explanation, ``benchmark`` over
many prompts.
"""
