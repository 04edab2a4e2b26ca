"""``persona_report``: the whole workspace as a static site, to read rather than to compute with.

Pure logic: what a page says is made from the files of the workspace, without Dagster.
"""
