"""The signs of conversations, each alone, and together as the stage finds them."""
