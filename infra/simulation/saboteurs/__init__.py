"""Saboteurs: deliberately broken variants of one piece, each of which a rule must catch."""
