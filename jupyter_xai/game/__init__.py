"""Masks [R, n] to values [R, m + 1]: the only way by which methods and checks reach a model.

Counts, remembers and refuses what a budget does not allow.
"""
