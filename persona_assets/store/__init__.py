"""How files get to disk and back: atomic replacement, dataset folders, Parquet, JSON records."""
