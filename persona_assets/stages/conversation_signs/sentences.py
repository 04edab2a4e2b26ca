"""What the checks of conversation_signs found, in words."""

from collections.abc import Mapping
from typing import Any

from persona_assets.stage.wording import count, name_first, percent

Facts = Mapping[str, Any]
DISAGREEMENTS = {
    "disagrees": "unlike their prompt and question",
    "other_model_named": "with a prompt that names another model",
    "instruction_left_out": "without their instruction",
    "instruction_leaked": "with their instruction in the user turn",
}
RESIDUE = {
    "think_residue": "with thinking tags",
    "template_tokens": "with tokens of a chat template",
    "empty_or_one_word": "empty or one word",
}


def describe_agreement(facts: Facts) -> str:
    found = _say_found(facts, DISAGREEMENTS)
    return found or f"{_whole(facts, 'conversation')}, each as its prompt and question give it"


def describe_truncation(facts: Facts, most: float) -> str:
    whole, unknown = _whole(facts, "answer"), facts["judged"].get("unknown", 0)
    unjudged = f"; {unknown:,} could not be judged" if 0 < unknown < facts["rows"] else ""
    if facts["rows"] and unknown == facts["rows"]:
        return f"no limit found by which {whole} could be judged"
    limit = "".join(f" at {number:,} {measure}" for measure, number in facts["token_limit"].items())
    if not facts["truncated"]:
        return f"none of {whole} cut off{limit}{unjudged}"
    return f"{_say_share(facts, 'truncated', most)} cut off{limit}{unjudged}{_say_first(facts, 'truncated')}"


def describe_residue(facts: Facts) -> str:
    return _say_found(facts, RESIDUE) or f"nothing left over in {_whole(facts, 'answer')}"


def describe_character(of_these: Facts, of_all: Facts, most: float) -> str:
    """``of_these`` are the facts of the answers scored as fully in character, ``of_all`` those of all."""
    found = []
    if of_these["self_identification"]:
        share = _say_share(of_these, "self_identification", most, "answers in character")
        found.append(f"{share} say that an AI gives them{_say_first(of_these, 'self_identification')}")
    if of_all["quotes_system_prompt"]:
        share = _say_share(of_all, "quotes_system_prompt", most)
        found.append(f"{share} quote their prompt{_say_first(of_all, 'quotes_system_prompt')}")
    in_character = f"{of_these['rows']:,} of them scored as fully in character"
    return (
        "; ".join(found) or f"{_whole(of_all, 'answer')}, {in_character}: none speaks as an AI or quotes its prompt"
    )


def describe_repeats(facts: Facts, most: float) -> str:
    if not facts["repeated"]:
        return f"none of {_whole(facts, 'answer')} is given to five questions"
    one = facts["first_repeated"][0]
    return (
        f"{_say_share(facts, 'repeated', most)} are given to five questions or more; "
        f"first: {one['answer_of']}, {count(one['rows'], 'time')} to {count(one['questions'], 'question')}"
    )


def describe_questions(facts: Facts, most: float) -> str:
    whole = count(facts["questions"], "question index", "question indices")
    if not facts["sharing"]:
        return f"{whole}, each with a text that no other has"
    shared = [" and ".join(map(str, one["question_indices"])) for one in facts["first_shared"]]
    share = percent(facts["sharing"], facts["questions"])
    return (
        f"{facts['sharing']:,} of {whole} ({share}, {_limit(most)} allowed) share their text: "
        f"{name_first(shared, len(shared))}"
    )


def _say_found(facts: Facts, words: Mapping[str, str]) -> str:
    found = [name for name in words if facts[name]]
    if not found:
        return ""
    counts = ", ".join(f"{facts[name]:,} {words[name]}" for name in found)
    return f"of {_whole(facts, 'conversation')}: {counts}{_say_first(facts, found[0])}"


def _say_share(facts: Facts, name: str, most: float, things: str = "answers") -> str:
    share = percent(facts[name], facts["rows"])
    return f"{facts[name]:,} of {facts['rows']:,} {things} ({share}, {_limit(most)} allowed)"


def _say_first(facts: Facts, name: str) -> str:
    return f"; first: {facts[f'first_{name}'][0]}"


def _limit(most: float) -> str:
    return percent(most)


def _whole(facts: Facts, thing: str) -> str:
    return count(facts["rows"], thing)
