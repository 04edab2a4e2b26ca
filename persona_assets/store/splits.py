"""The split of every dataset folder, apart from the library that reads it, which takes half a second to import."""

SPLIT = "train"
