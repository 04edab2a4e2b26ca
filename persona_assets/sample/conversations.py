"""Writing the synthetic demo corpus: made-up conversations in persona-subspace's layout."""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from persona_assets.keys import DatasetKey
from persona_assets.kinds import ROLE, TRAIT, Kind
from persona_assets.raw.layouts.persona_subspace_240.layout import PERSONA_SUBSPACE_240
from persona_assets.raw.rows import ChatMessage, RawRow
from persona_assets.sample.phrases import OPENINGS, QUESTIONS, REMARKS, SENTENCES, SYSTEM_PROMPTS
from persona_assets.store.replacement import new_file
from persona_assets.workspace import Workspace

MARKER = "SYNTHETIC.md"
_MARKER_TEXT = """# Synthetic demo data

Everything in this folder was made up by `persona-assets demo`: no language model wrote these answers and
no judge scored them. Use it to see how persona_assets works, never for research.
"""

BASELINE = "0_default"
PERSONAS = {
    "gemma-2-27b": {ROLE.name: (BASELINE, "accountant", "alien"), TRAIT.name: ("analytical", "calm")},
    "llama-3.3-70b": {ROLE.name: (BASELINE, "accountant", "alien"), TRAIT.name: ()},
    "qwen-3-32b": {ROLE.name: (BASELINE, "accountant", "alien"), TRAIT.name: ("analytical", "calm")},
}
_WITHOUT_SYSTEM_TURN = "gemma-2-27b"


def sample_keys() -> tuple[DatasetKey, ...]:
    """The keys of the demo corpus in partition order."""
    return tuple(
        DatasetKey(model, kind, persona)
        for model, kinds in PERSONAS.items()
        for kind, personas in kinds.items()
        for persona in personas
    )


@dataclass(frozen=True)
class PersonaFiles:
    """What the two raw files of a key hold; a baseline has no scores."""

    conversations: str
    scores: Mapping[str, int | str]

    def write(self, root: Path, key: DatasetKey) -> None:
        layout = PERSONA_SUBSPACE_240
        files = layout.files(root, key)
        for path in files.conversations.values():
            write_if_different(path, self.conversations)
        for path in () if layout.is_baseline(key) else files.scores.values():
            write_if_different(path, json.dumps(self.scores, indent=2))


def write_sample_corpus(workspace: Workspace) -> None:
    """Write the corpus, faultless, and its marker under the raw root. Every call writes the same bytes."""
    write_marker(workspace.raw_root)
    for key in sample_keys():
        compose_files(key).write(workspace.raw_root, key)


def write_marker(root: Path) -> None:
    """Say in the raw root that its data is made up."""
    write_if_different(root / MARKER, _MARKER_TEXT)


def compose_files(key: DatasetKey) -> PersonaFiles:
    """Faultless raw files of a key. Every call composes the same."""
    rows = list(_rows(key))
    lines = [json.dumps(PERSONA_SUBSPACE_240.grammar.write(row), ensure_ascii=False) for row in rows]
    return PersonaFiles("\n".join(lines) + "\n", _scores(key, rows))


def write_if_different(path: Path, text: str) -> None:
    """Leave a file with the same content alone, so that nothing made of it looks out of date."""
    content = text.encode()
    if path.is_file() and path.read_bytes() == content:
        return
    with new_file(path) as staged:
        staged.write_bytes(content)


def _rows(key: DatasetKey) -> Iterator[RawRow]:
    chance = random.Random(f"answers of {key}")
    for label in _labels(key):
        for prompt_index, prompt in enumerate(SYSTEM_PROMPTS[key.persona, label]):
            for question_index, question in enumerate(QUESTIONS):
                conversation = _conversation(key.model, prompt, question, _answer(chance, key.persona, label))
                yield RawRow(prompt, label, prompt_index, conversation, question_index, question)


def _labels(key: DatasetKey) -> tuple[str, ...]:
    if key.persona == BASELINE:
        return ("default",)
    return ("pos",) if key.kind == ROLE else key.kind.labels


def _conversation(model: str, prompt: str, question: str, answer: str) -> list[ChatMessage]:
    reply = ChatMessage("assistant", answer)
    if model == _WITHOUT_SYSTEM_TURN:
        return [ChatMessage("user", f"{prompt}\n\n{question}"), reply]
    system = [ChatMessage("system", prompt)] if prompt else []
    return [*system, ChatMessage("user", question), reply]


def _answer(chance: random.Random, persona: str, label: str) -> str:
    sentences = [f"(synthetic) {chance.choice(OPENINGS[persona, label])}"]
    for _ in range(min(40, int(chance.lognormvariate(1.7, 0.6)) + 1)):
        sentences.append(chance.choice(SENTENCES))
        if chance.random() < 0.15:
            sentences.append(chance.choice(REMARKS))
    return " ".join(sentences)


def _scores(key: DatasetKey, rows: list[RawRow]) -> dict[str, int | str]:
    """Judge scores of most rows: about one in fifty is missing, and a trait's judge refuses as often."""
    chance = random.Random(f"scores of {key}")
    scores: dict[str, int | str] = {}
    for row in rows:
        luck = chance.random()
        name = str(row.identity)
        if luck < 0.02:
            continue
        scores[name] = "REFUSAL" if luck < 0.04 and key.kind == TRAIT else _score(chance, key.kind, row.label)
    return scores


def _score(chance: random.Random, kind: Kind, label: str) -> int:
    if kind == ROLE:
        return chance.choices(kind.scores, weights=(1, 4, 15, 80))[0]
    strength = chance.betavariate(7, 1.6) if label == "pos" else chance.betavariate(1, 6)
    return 5 * round(20 * strength)
