"""Every arrangement of raw files that is read: a module or folder for each, and a line in ``registry``."""
