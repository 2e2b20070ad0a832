"""gSMILE: a local surrogate of how far the answers to masked prompts move."""
