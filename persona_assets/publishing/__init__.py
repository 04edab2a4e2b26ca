"""Publishing datasets on the Hugging Face Hub: what a repository holds, its cards, and sending it."""
