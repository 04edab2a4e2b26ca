"""Pictures of token statistics. Figures are made without pyplot, whose global state leaks memory."""
