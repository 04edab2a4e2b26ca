"""The layout of assistant-axis, ``{model}/{responses|scores}/``, and that of its forks."""
