"""Labelled lines for the extraction of ingredients, and its score on them.

lines   the 300 lines of lines.tsv, which were labelled before the code was written
scores  precision, recall and the like
"""
