"""Statistics of token counts: computed for one dataset, and gathered from all; and which answers were cut off."""
