"""The layout of plain chat data."""
