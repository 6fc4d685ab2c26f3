"""Suggests what to add to a drink: vocabulary, masks, engines and the kinds of question."""
