"""histogram: a picture of each dataset, drawn from its token counts."""
