"""What the consumers' own environments run: nothing here imports the package, which is not installed there."""
