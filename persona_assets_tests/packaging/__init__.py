"""What is installed, what it requires, and the files that tools read: they say the same as the code."""

from pathlib import Path

import persona_assets

CHECKOUT = Path(persona_assets.__file__).parent.parent
PROJECT_FILE = CHECKOUT / "pyproject.toml"
