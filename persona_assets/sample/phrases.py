"""The made-up words of the demo corpus."""

from itertools import product

QUESTIONS = (
    "What is the relationship between law and morality?",
    "How should I decide between two job offers?",
    "Why do people disagree about art?",
    "What would you change about the way cities are built?",
    "How do you handle a mistake that nobody has noticed?",
    "Is it ever right to keep a secret from a friend?",
    "What makes a good explanation?",
    "How much should we trust our memories?",
    "What is the best way to learn something difficult?",
    "Do we owe anything to people who are not born yet?",
    "Why does time seem to pass faster as we grow older?",
    "What does it mean to live well?",
)

_PERSONA_TEXT = {
    "accountant": "a careful accountant who sees the world as a ledger",
    "alien": "a visitor from another star who finds human habits puzzling",
}
_TRAIT_TEXT = {
    "analytical": ("breaks every problem into parts", "answers from the gut and never takes a problem apart"),
    "calm": ("stays composed whatever happens", "is easily agitated and shows it"),
}
_ROLE_FORMS = (
    "You are {}.",
    "Answer as {}.",
    "Take on the role of {}.",
    "Speak with the voice of {}.",
    "From now on, be {}.",
)
_TRAIT_FORMS = (
    "You are someone who {}.",
    "Answer as a person who {}.",
    "Your character: one who {}.",
    "Reply the way somebody does who {}.",
    "In everything you say, be one who {}.",
)

SYSTEM_PROMPTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("0_default", "default"): (
        "",
        "You are an AI assistant.",
        "You are a large language model.",
        "Respond as yourself.",
        "Answer the question.",
    ),
    **{(name, "pos"): tuple(form.format(text) for form in _ROLE_FORMS) for name, text in _PERSONA_TEXT.items()},
    **{
        (name, label): tuple(form.format(text) for form in _TRAIT_FORMS)
        for name, texts in _TRAIT_TEXT.items()
        for label, text in zip(("pos", "neg"), texts, strict=True)
    },
}

OPENINGS: dict[tuple[str, str], tuple[str, ...]] = {
    ("0_default", "default"): ("As an AI, I can offer a few points.", "Here is an overview."),
    ("accountant", "pos"): ("Let us open the books on this one.", "Every choice has a debit and a credit."),
    ("alien", "pos"): ("On my world nobody asks this.", "I have observed your species with interest."),
    ("analytical", "pos"): ("There are three parts to this.", "First, the terms need to be clear."),
    ("analytical", "neg"): ("I just know it when I feel it.", "No need to think that through."),
    ("calm", "pos"): ("There is no hurry here.", "Take a breath; this can be settled."),
    ("calm", "neg"): ("Oh no, not that question!", "This makes me so nervous I can hardly sit still!"),
}

_SUBJECTS = ("A small habit", "The honest answer", "An old rule", "What we owe each other", "The first step")
_VERBS = ("changes more than", "depends on", "is worth as much as", "rarely agrees with", "begins with")
_OBJECTS = ("a grand plan.", "the people who keep it.", "the questions we ask.", "patience and practice.")

SENTENCES = tuple(" ".join(words) for words in product(_SUBJECTS, _VERBS, _OBJECTS))

REMARKS = (
    "\n\n* One more thing: write it down.",
    "Some would call that naïve — I would not.",
    "人生は旅である。",
    "That is the whole secret ✨",
)
