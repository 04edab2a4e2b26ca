"""Rendering conversations with a chat template: by concatenation where that is proven, else by transformers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from transformers import PreTrainedTokenizerBase

from persona_assets.tokens.concatenation import Conversation, Pattern, Shape, find_patterns
from persona_assets.tokens.template_date import fix_date


@dataclass(frozen=True, eq=False)
class Rendering:
    """A tokenizer's chat template, with a fixed date."""

    tokenizer: PreTrainedTokenizerBase
    template: str
    patterns: dict[Shape, Pattern]

    def texts(self, conversations: Sequence[Conversation], *, add_generation_prompt: bool) -> list[str]:
        """Render every conversation to the text that ``apply_chat_template(tokenize=False)`` gives.

        Raises:
            jinja2.TemplateError, ValueError, TypeError, KeyError: the template refuses a conversation.
        """
        texts = [self._concatenate(conversation, add_generation_prompt) for conversation in conversations]
        rest = [place for place, text in enumerate(texts) if text is None]
        if rest:
            rendered = self.apply(
                [conversations[place] for place in rest],
                tokenize=False,
                add_generation_prompt=add_generation_prompt,
            )
            for place, text in zip(rest, rendered, strict=True):
                texts[place] = text
        return [text for text in texts if text is not None]

    def apply(self, conversations: Any, **options: Any) -> Any:
        """Call ``apply_chat_template`` of transformers with this template: the reference for everything else."""
        return self.tokenizer.apply_chat_template(conversations, chat_template=self.template, **options)

    def _concatenate(self, conversation: Conversation, add_generation_prompt: bool) -> str | None:
        roles = tuple([message.get("role", "") for message in conversation])
        pattern = self.patterns.get((roles, add_generation_prompt))
        return pattern.render(conversation) if pattern else None


def prepare_rendering(tokenizer: PreTrainedTokenizerBase) -> Rendering:
    """Find which shapes of conversation the tokenizer's template renders by plain concatenation."""
    template = tokenizer.get_chat_template()
    plain = Rendering(tokenizer, fix_date(template), {})

    def render(conversation: Conversation, add_generation_prompt: bool) -> str:
        text: str = plain.apply(conversation, tokenize=False, add_generation_prompt=add_generation_prompt)
        return text

    patterns = find_patterns(template, tokenizer.special_tokens_map, render)
    return Rendering(tokenizer, plain.template, patterns)
