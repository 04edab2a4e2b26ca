"""The report: what its pages say, when they are made again, and how they behave in a real browser."""
