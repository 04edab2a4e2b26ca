"""Plain chat data of a researcher's own script: rows with ``messages``, in files directly in the model's folder."""
