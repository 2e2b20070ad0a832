"""Texts and numbers as people and machines read them: documents and their units, embeddings,
distances, formatting. Knows no model.
"""
