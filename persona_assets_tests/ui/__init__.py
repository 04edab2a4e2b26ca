"""The Dagster UI in a real browser, over a real server, as a researcher uses it."""
