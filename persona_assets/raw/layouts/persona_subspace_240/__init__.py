"""The layout of persona-subspace's 240 questions, ``{model}/{roles_240|traits_240}/{responses|extract_scores}/``."""
