"""The date that chat templates are given which ask for today's, so that a count is the same tomorrow."""

from datetime import datetime

FIXED_NOW = datetime(2024, 7, 26)  # the one that Llama 3.3 prints of its own accord
FIXED_DATE = FIXED_NOW.strftime("%d %b %Y")

_DIRECTIVES = [f"%-{letter}" for letter in "dmyHIMSj"] + [f"%{letter}" for letter in "aAbBcdDeFGHIjmMpRSTuUVwWxXyYZ%"]


def asks_for_date(template: str) -> bool:
    return "strftime_now" in template


def fix_date(template: str) -> str:
    """The template with ``strftime_now`` redefined, in front of it, to format the fixed date.

    transformers defines it as a global and takes no other function in its place; a macro comes before globals.
    """
    if not asks_for_date(template):
        return template
    formatted = "".join(f"|replace('{one}', '{FIXED_NOW.strftime(one)}')" for one in _DIRECTIVES)
    # trim_blocks takes exactly the line end written here, so that the template starts where it did.
    return f"{{%- macro strftime_now(format) -%}}{{{{ format{formatted} }}}}{{%- endmacro %}}\n{template}"
