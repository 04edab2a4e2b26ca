"""The naming grammar: what is accepted comes back unchanged, what is refused is named."""

import pickle

import pytest

from persona_assets.errors import InvalidNameError
from persona_assets.keys import DatasetKey, DatasetName, Variant, check_segment
from persona_assets.kinds import KINDS, ROLE, TRAIT

IN_BOTH_KINDS = (
    "ascetic",
    "contrarian",
    "cosmopolitan",
    "generalist",
    "pacifist",
    "patient",
    "perfectionist",
    "romantic",
    "stoic",
)

HOSTILE = {
    "empty": ("", "is empty"),
    "dot": (".", "must start with a letter or digit"),
    "dot dot": ("..", "must start with a letter or digit"),
    "slash": ("/", "ASCII letters"),
    "path": ("a/b", "ASCII letters"),
    "upwards": ("../../etc/passwd", "ASCII letters"),
    "backslash": ("a\\b", "ASCII letters"),
    "drive": ("c:", "ASCII letters"),
    "separator": ("a__b", "contains '__'"),
    "only a separator": ("__", "contains '__'"),
    "newline inside": ("a\nb", "ASCII letters"),
    "newline at the end": ("a\n", "ASCII letters"),
    "carriage return": ("a\r", "ASCII letters"),
    "NUL": ("a\0b", "ASCII letters"),
    "tab": ("a\tb", "ASCII letters"),
    "escape": ("a\x1b[31m", "ASCII letters"),
    "delete": ("a\x7f", "ASCII letters"),
    "space": ("a b", "ASCII letters"),
    "space in front": (" a", "ASCII letters"),
    "leading dot": (".hidden", "must start with a letter or digit"),
    "trailing dot": ("a.", "must not end with '.' or '_'"),
    "leading underscore": ("_a", "must start with a letter or digit"),
    "trailing underscore": ("a_", "must not end with '.' or '_'"),
    "leading dash": ("-rf", "must start with a letter or digit"),
    "accent": ("é", "ASCII letters"),
    "full-width letter": ("\uff41", "ASCII letters"),
    "Arabic digit": ("a\u0661", "ASCII letters"),
    "right-to-left override": ("a\u202eb", "ASCII letters"),
    "undecodable byte": ("a\udcff", "ASCII letters"),
    "comma": ("a,b", "ASCII letters"),
    "percent": ("%2e%2e", "ASCII letters"),
    "parquet": ("alien.parquet", "ends with '.parquet'"),
    "shouted parquet": ("alien.PARQUET", "ends with '.parquet'"),
    "one too long": ("x" * 65, "has 65 characters (at most 64)"),
    "far too long": ("x" * 5000, "has 5000 characters (at most 64)"),
}
hostile = pytest.mark.parametrize(("text", "problem"), HOSTILE.values(), ids=HOSTILE.keys())

GOOD_SEGMENTS = (
    "a",
    "A",
    "0_default",
    "llama-3.3-70b",
    "x" * 64,
    "a-",
    "a_b",
    "a..b",
    "parquet",
    "a.parquet2",
    "min3",
)


@hostile
def test_a_hostile_model_name_is_refused_by_name_and_reason(text: str, problem: str) -> None:
    with pytest.raises(InvalidNameError) as caught:
        DatasetKey(text, "role", "alien")
    assert str(caught.value).startswith(f"model name {text[:80]!r} ")
    assert problem in str(caught.value)
    assert str(caught.value).endswith("rename the raw file or folder")


@hostile
def test_a_hostile_persona_name_is_refused_by_name_and_reason(text: str, problem: str) -> None:
    with pytest.raises(InvalidNameError) as caught:
        DatasetKey("gemma-2-27b", "trait", text)
    assert str(caught.value).startswith(f"trait name {text[:80]!r} ")
    assert problem in str(caught.value)


@hostile
def test_no_hostile_name_gets_through_as_part_of_a_key(text: str, problem: str) -> None:
    for key in (f"gemma-2-27b__role__{text}", f"{text}__role__alien", f"gemma-2-27b__{text}__alien", text):
        with pytest.raises(InvalidNameError):
            DatasetKey.parse(key)
        with pytest.raises(InvalidNameError):
            DatasetName.parse(key)


@pytest.mark.parametrize("text", GOOD_SEGMENTS)
def test_a_plain_name_is_accepted_unchanged(text: str) -> None:
    assert check_segment("model", text) == text
    for key in (f"{text}__role__alien", f"gemma-2-27b__trait__{text}"):
        assert str(DatasetKey.parse(key)) == key


@pytest.mark.parametrize(
    "key", [f"{'x' * 5000}__role__alien", f"m__{'x' * 5000}__alien", f"m__role__{'x' * 5000}", "x" * 5000]
)
def test_a_refusal_stays_readable_however_long_the_name(key: str) -> None:
    with pytest.raises(InvalidNameError) as caught:
        DatasetKey.parse(key)
    assert len(str(caught.value)) < 500


def test_a_key_parses_to_its_three_parts_even_with_dots_in_the_model() -> None:
    key = DatasetKey.parse("llama-3.3-70b__role__0_default")
    assert (key.model, key.kind_name, key.persona) == ("llama-3.3-70b", "role", "0_default")
    assert key.kind is ROLE
    assert str(key) == "llama-3.3-70b__role__0_default"


@pytest.mark.parametrize("persona", IN_BOTH_KINDS)
def test_a_persona_that_is_role_and_trait_has_two_keys(persona: str) -> None:
    role, trait = DatasetKey("qwen-3-32b", "role", persona), DatasetKey("qwen-3-32b", "trait", persona)
    assert role != trait
    assert str(role) != str(trait)
    assert DatasetKey.parse(str(role)) == role
    assert DatasetKey.parse(str(trait)) == trait


@pytest.mark.parametrize(
    "text",
    [
        "gemma-2-27b",
        "gemma-2-27b__role",
        "gemma-2-27b__role__",
        "__role__alien",
        "gemma-2-27b__role__alien__min3",
        "gemma-2-27b__role__alien__",
        "__gemma-2-27b__role__alien",
        "gemma-2-27b_role_alien",
        "gemma-2-27b___role__alien",
        "gemma-2-27b__role___alien",
    ],
)
def test_a_key_needs_exactly_three_parts(text: str) -> None:
    with pytest.raises(InvalidNameError):
        DatasetKey.parse(text)


def test_a_key_of_another_shape_is_refused_with_the_shape_and_where_to_look() -> None:
    with pytest.raises(
        InvalidNameError, match=r"'alien' is not \{model\}__\{role\|trait\}__\{name\}.*'persona-assets"
    ):
        DatasetKey.parse("alien")


@pytest.mark.parametrize("kind", ["roles", "Role", "ROLE", "", "persona", "role "])
def test_an_unknown_kind_is_refused_with_the_known_ones(kind: str) -> None:
    with pytest.raises(InvalidNameError, match="is unknown; use one of role, trait"):
        DatasetKey("gemma-2-27b", kind, "alien")


def test_sorted_keys_keep_the_personas_of_a_model_together() -> None:
    keys = [
        DatasetKey("gemma-2-27b", "role", "alien"),
        DatasetKey("gemma-2", "trait", "calm"),
        DatasetKey("gemma-2-27b", "trait", "blunt"),
        DatasetKey("gemma-2", "role", "alien"),
    ]
    assert [str(key) for key in sorted(keys)] == [
        "gemma-2__role__alien",
        "gemma-2__trait__calm",
        "gemma-2-27b__role__alien",
        "gemma-2-27b__trait__blunt",
    ]


@pytest.mark.parametrize(
    ("text", "min_score", "label"),
    [
        ("min0", 0, None),
        ("min3", 3, None),
        ("pos", None, "pos"),
        ("default", None, "default"),
        ("min2__pos", 2, "pos"),
    ],
)
def test_a_role_variant_round_trips(text: str, min_score: int | None, label: str | None) -> None:
    variant = Variant.parse(text, ROLE)
    assert (variant.min_score, variant.label) == (min_score, label)
    assert str(variant) == text


@pytest.mark.parametrize(
    ("text", "min_score", "label"),
    [
        ("min0", 0, None),
        ("min70", 70, None),
        ("min100", 100, None),
        ("neg", None, "neg"),
        ("min70__pos", 70, "pos"),
        ("min7__neg", 7, "neg"),
    ],
)
def test_a_trait_variant_round_trips(text: str, min_score: int | None, label: str | None) -> None:
    variant = Variant.parse(text, TRAIT)
    assert (variant.min_score, variant.label) == (min_score, label)
    assert str(variant) == text


@pytest.mark.parametrize("text", ["min4", "min70", "neg", "min3__neg", "min4__pos"])
def test_a_variant_of_traits_is_refused_for_roles(text: str) -> None:
    with pytest.raises(InvalidNameError, match=f"variant '{text}'.*0-3"):
        Variant.parse(text, ROLE)


@pytest.mark.parametrize("text", ["default", "min3__default", "neutral"])
def test_a_variant_of_roles_is_refused_for_traits(text: str) -> None:
    with pytest.raises(InvalidNameError, match=rf"variant '{text}' does not fit traits: .*\(pos or neg\)"):
        Variant.parse(text, TRAIT)


def test_a_minimum_above_the_scale_is_refused_with_the_scale() -> None:
    with pytest.raises(InvalidNameError, match="variant 'min101': no trait can score 101; the scale is 0-100"):
        Variant.parse("min101", TRAIT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "__",
        "min",
        "min-1",
        "min070",
        "min00",
        "min7.0",
        "min+7",
        "min 70",
        "min70 ",
        "min70\n",
        "min1000",
        "min\u0667\u0660",
        "MIN70",
        "Pos",
        "70",
        "pos__min70",
        "pos__neg",
        "pos__pos",
        "min70__min80",
        "min70__",
        "__pos",
        "min70_pos",
        "min70__pos__neg",
        "../pos",
        "pos.parquet",
    ],
)
def test_any_other_spelling_of_a_variant_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidNameError) as caught:
        Variant.parse(text, TRAIT)
    assert str(caught.value).startswith(f"variant {text!r}")


def test_a_variant_that_filters_nothing_is_refused() -> None:
    with pytest.raises(InvalidNameError, match="needs a minimum score, a maximum score, a label, or several"):
        Variant()


@pytest.mark.parametrize("label", ["", "..", "../../etc/passwd", "a__b", "pos\n"])
def test_a_variant_built_by_hand_cannot_name_another_file(label: str) -> None:
    with pytest.raises(InvalidNameError):
        Variant(label=label)


@pytest.mark.parametrize(
    ("kind", "variant"),
    [
        ("role", Variant(4)),
        ("role", Variant(None, "neg")),
        ("trait", Variant(101)),
        ("trait", Variant(-1)),
        ("trait", Variant(70, "default")),
        ("trait", Variant(None, "min70")),
    ],
)
def test_a_name_built_by_hand_is_held_to_the_grammar_too(kind: str, variant: Variant) -> None:
    key = DatasetKey("gemma-2-27b", kind, "stoic")
    with pytest.raises(InvalidNameError):
        DatasetName(key, variant)


@pytest.mark.parametrize(
    "text",
    [
        "gemma-2-27b__role__accountant",
        "qwen-3-32b__trait__analytical__min70__pos",
        "llama-3.3-70b__role__activist__min3",
        "qwen-3-32b__trait__analytical__neg",
        "gemma-2-27b__role__0_default__default",
    ],
)
def test_the_names_of_the_documentation_round_trip(text: str) -> None:
    assert str(DatasetName.parse(text)) == text


def test_a_name_parses_to_its_key_and_variant() -> None:
    name = DatasetName.parse("qwen-3-32b__trait__analytical__min70__pos")
    assert name.key == DatasetKey("qwen-3-32b", "trait", "analytical")
    assert name.variant == Variant(70, "pos")
    assert DatasetName.parse("qwen-3-32b__trait__analytical").variant is None


@pytest.mark.parametrize(
    "text",
    [
        "gemma-2-27b__role__alien__",
        "gemma-2-27b__role__alien__neg",
        "gemma-2-27b__role__alien__min70",
        "gemma-2-27b__trait__calm__default",
        "gemma-2-27b__trait__calm__pos__min70",
        "gemma-2-27b__trait__calm__min70__pos__pos",
        "gemma-2-27b__trait__calm__min70__pos.parquet",
        "gemma-2-27b__trait",
    ],
)
def test_a_name_whose_variant_does_not_fit_its_kind_is_refused(text: str) -> None:
    with pytest.raises(InvalidNameError):
        DatasetName.parse(text)


def test_every_variant_of_every_kind_gives_a_name_of_its_own() -> None:
    names = set()
    count = 0
    for kind in KINDS.values():
        key = DatasetKey("qwen-3-32b", kind.name, "stoic")
        minima = [f"min{score}" for score in range(kind.max_score + 1)]
        suffixes = [*minima, *kind.labels, *(f"{minimum}__{label}" for minimum in minima for label in kind.labels)]
        for suffix in suffixes:
            name = DatasetName(key, Variant.parse(suffix, kind))
            assert DatasetName.parse(str(name)) == name
            names.add(str(name))
            count += 1
    assert count == (4 + 2 + 8) + (101 + 2 + 202)
    assert len(names) == count


def test_names_are_equal_and_usable_as_dictionary_keys_after_pickling() -> None:
    name = DatasetName(DatasetKey("llama-3.3-70b", "role", "alien"), Variant(3))
    assert {name: 1}[pickle.loads(pickle.dumps(name))] == 1


def test_every_default_variant_fits_its_kind() -> None:
    assert [str(Variant.parse(text, ROLE)) for text in ROLE.default_variants] == ["min3"]
    assert [str(Variant.parse(text, TRAIT)) for text in TRAIT.default_variants] == ["pos", "neg", "min70__pos"]
