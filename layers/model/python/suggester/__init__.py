"""Suggest ingredients for a drink: vocabulary, masks, engines and kinds of question."""
