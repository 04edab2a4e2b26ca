"""What layouts with one file a persona, in a folder of conversations beside one of scores, have in common."""
