"""A fixed date for chat templates that print today's, so that counts do not change from day to day."""

from datetime import datetime

FIXED_NOW = datetime(2024, 7, 26)  # the default of Llama 3.3
FIXED_DATE = FIXED_NOW.strftime("%d %b %Y")

_DIRECTIVES = [f"%-{letter}" for letter in "dmyHIMSj"] + [f"%{letter}" for letter in "aAbBcdDeFGHIjmMpRSTuUVwWxXyYZ%"]


def asks_for_date(template: str) -> bool:
    return "strftime_now" in template


def fix_date(template: str) -> str:
    """Put a macro ``strftime_now`` that formats the fixed date in front of the template, if it uses that function.

    transformers defines the function as a global and offers no way to replace it. A macro takes precedence over
    globals.
    """
    if not asks_for_date(template):
        return template
    formatted = "".join(f"|replace('{directive}', '{FIXED_NOW.strftime(directive)}')" for directive in _DIRECTIVES)
    # trim_blocks removes exactly the line end written here, so the template starts where it did.
    return f"{{%- macro strftime_now(format) -%}}{{{{ format{formatted} }}}}{{%- endmacro %}}\n{template}"
