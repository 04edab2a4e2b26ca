"""Which variables a chat template uses, so that an argument it would ignore is refused."""

from functools import lru_cache

import jinja2
from jinja2 import meta, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

from persona_assets.errors import SettingsError
from persona_assets.setting_names import place_setting
from persona_assets.template_arguments import is_default
from persona_assets.tokens.rendering import Rendering

_NEVER_ARGUMENTS = {"messages", "tools", "documents", "add_generation_prompt", "raise_exception", "strftime_now"}


class _Generation(Extension):
    """The block with which some templates mark what the model wrote; transformers knows it, Jinja does not."""

    tags = {"generation"}  # noqa: RUF012 - as Jinja declares it

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


_ENVIRONMENT = jinja2.Environment(extensions=["jinja2.ext.loopcontrols", _Generation])


def refuse_unused_arguments(rendering: Rendering, model: str, tokenizer_id: str) -> None:
    """Refuse an argument of ``model`` that its template does not use, unless nobody asked for it.

    Raises:
        SettingsError: with the argument, and those that the template uses.
    """
    asked = [name for name, value in rendering.arguments.items() if not is_default(model, name, value)]
    if not asked:
        return
    used = _find_variables(rendering.template) - _NEVER_ARGUMENTS - rendering.tokenizer.special_tokens_map.keys()
    if unused := [name for name in asked if name not in used]:
        raise SettingsError(
            f"{place_setting('chat_template_arguments')}[{model}]: the chat template of {tokenizer_id} uses no "
            f"argument {unused[0]!r}; it uses {', '.join(sorted(used)) or 'none'}"
        )


@lru_cache(maxsize=4)
def _find_variables(template: str) -> set[str]:
    return meta.find_undeclared_variables(_ENVIRONMENT.parse(template))
