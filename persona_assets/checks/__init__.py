"""What must hold of each stage's output. Rules read what is on disk, so they can be checked at any time."""
