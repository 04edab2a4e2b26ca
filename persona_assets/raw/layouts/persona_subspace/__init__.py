"""The layout of persona-subspace before its 240 questions, ``{model}/{roles|traits}/{responses|extract_scores}/``."""
