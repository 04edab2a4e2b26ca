"""Rendering conversations with a chat template: by concatenation where that is proven, else by transformers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from transformers import PreTrainedTokenizerBase

from persona_assets.tokens.answer_places import REFUSALS, Conversation, locate_answer
from persona_assets.tokens.concatenation import Pattern, Rendered, Shape, find_patterns
from persona_assets.tokens.template_date import fix_date


@dataclass(frozen=True, eq=False)
class Rendering:
    """A tokenizer's chat template, with a fixed date."""

    tokenizer: PreTrainedTokenizerBase
    template: str
    arguments: Mapping[str, Any]
    """What the template is given in every case beside the conversation."""
    patterns: dict[Shape, Pattern]

    def texts(self, conversations: Sequence[Conversation], *, add_generation_prompt: bool) -> list[str]:
        """Render every conversation to the text that ``apply_chat_template(tokenize=False)`` gives.

        Raises:
            jinja2.TemplateError, ValueError, TypeError, KeyError: the template refuses a conversation.
        """
        return [
            rendered.text
            if (rendered := self._concatenate(one, add_generation_prompt))
            else self.write(one, add_generation_prompt=add_generation_prompt)
            for one in conversations
        ]

    def answered(self, conversations: Sequence[Conversation]) -> list[Rendered]:
        """Render every conversation, which ends with an answer, and find the answer in the text.

        Raises:
            jinja2.TemplateError, ValueError, TypeError, KeyError: the template refuses a conversation.
        """
        return [self._concatenate(one, add_generation_prompt=False) or self.answer(one) for one in conversations]

    def answer(self, conversation: Conversation) -> Rendered:
        """The same for one conversation, by transformers alone."""
        text = self.write(conversation, add_generation_prompt=False)
        return Rendered(text, locate_answer(self, conversation, text))

    def write(self, conversation: Conversation, *, add_generation_prompt: bool) -> str:
        """The text of one conversation, by transformers alone."""
        text: str = self.apply(conversation, tokenize=False, add_generation_prompt=add_generation_prompt)
        return text

    def apply(self, conversation: Any, **options: Any) -> Any:
        """Call ``apply_chat_template`` of transformers with this template: the reference for everything else."""
        return self.tokenizer.apply_chat_template(
            conversation, chat_template=self.template, **self.arguments, **options
        )

    def find_refusal(self, conversation: Conversation) -> str | None:
        """Why the template refuses a conversation, in its own words; None if it does not."""
        try:
            self.texts([conversation[:-1]], add_generation_prompt=True)
            self.texts([conversation], add_generation_prompt=False)
        except REFUSALS as error:
            return str(error) or type(error).__name__
        return None

    def _concatenate(self, conversation: Conversation, add_generation_prompt: bool) -> Rendered | None:
        roles = tuple([message.get("role", "") for message in conversation])
        pattern = self.patterns.get((roles, add_generation_prompt))
        return pattern.render(conversation) if pattern else None


def prepare_rendering(tokenizer: PreTrainedTokenizerBase, arguments: Mapping[str, Any]) -> Rendering:
    """Find which shapes of conversation the tokenizer's template renders by plain concatenation."""
    template = tokenizer.get_chat_template()
    plain = Rendering(tokenizer, fix_date(template), arguments, {})

    def render(conversation: Conversation, add_generation_prompt: bool) -> str:
        return plain.write(conversation, add_generation_prompt=add_generation_prompt)

    patterns = find_patterns(template, {**tokenizer.special_tokens_map, **arguments}, render)
    return Rendering(tokenizer, plain.template, arguments, patterns)
