"""How files get to disk and back: replacement, dataset folders, Parquet, JSON records, manifests, locks."""
