"""parquet_export: the dataset and its variants as one Parquet file each."""
