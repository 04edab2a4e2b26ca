"""The arrangements of raw files that can be read: each has a module or folder, and a line in ``registry``."""
