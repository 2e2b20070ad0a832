"""Transformers models on this machine: what goes in, what comes out, and what they bear."""
