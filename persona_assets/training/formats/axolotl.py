"""axolotl: conversations or preferences, rendered by the tokenizer's own template, and the yaml that says so."""

from collections.abc import Mapping

from persona_assets.training.formats.contract import Format, SetInWords
from persona_assets.training.formats.preference import list_columns, write

SNIPPET = "axolotl.yaml"
_CONVERSATIONS = """\
  - path: {file}
    ds_type: json
    type: chat_template
    chat_template: tokenizer_default
    field_messages: messages
    message_property_mappings:
      role: role
      content: content
    roles_to_train: ["assistant"]
    train_on_eos: turn
"""
_PREFERENCES = """\
  - path: {file}
    ds_type: json
    split: train
    type: chat_template.default
    chat_template: tokenizer_default
    field_messages: messages
    field_chosen: chosen
    field_rejected: rejected
    message_property_mappings:
      role: role
      content: content
"""


def write_yaml(described: SetInWords) -> str:
    """The part of axolotl's configuration that names this set, with paths from its folder."""
    entry = _PREFERENCES if described.of_pairs else _CONVERSATIONS
    first, *rest = [entry.format(file=described.file_of(split)) for split in described.splits]
    lines = ["rl: dpo\n"] if described.of_pairs else []
    lines += ["datasets:\n", first]
    return "".join(lines + (["test_datasets:\n", *rest] if rest else []))


def write_snippet(described: SetInWords) -> Mapping[str, str]:
    return {SNIPPET: write_yaml(described)}


def describe_usage(described: SetInWords) -> str:
    return f"""\
Start axolotl in this folder, with these lines in its configuration; they are in `{SNIPPET}` too:

```yaml
{write_yaml(described)}```
"""


AXOLOTL = Format("axolotl", write, list_columns, describe_usage, companions=write_snippet)
