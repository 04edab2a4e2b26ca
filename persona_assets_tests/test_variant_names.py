"""Names of variants with a minimum, a maximum, a label, or several: each has one spelling, which comes back."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_assets.errors import InvalidNameError
from persona_assets.keys import DatasetKey, DatasetName, Variant
from persona_assets.kinds import KINDS, ROLE, TRAIT, Kind


@st.composite
def parts_of_variants(draw: st.DrawFn) -> tuple[Kind, int | None, int | None, str | None]:
    """A kind, a minimum, a maximum no lower, and a label; not all of them None."""
    kind = draw(st.sampled_from(sorted(KINDS.values(), key=lambda one: one.name)))
    score = st.none() | st.integers(0, kind.max_score)
    low, high, label = draw(score), draw(score), draw(st.sampled_from((None, *kind.labels)))
    if low is not None and high is not None:
        low, high = sorted((low, high))
    if (low, high, label) == (None, None, None):
        label = kind.labels[0]
    return kind, low, high, label


@given(parts_of_variants())
def test_a_variant_is_spelt_part_by_part_and_parses_to_the_same_parts(
    parts: tuple[Kind, int | None, int | None, str | None],
) -> None:
    kind, low, high, label = parts
    spelt = "__".join(
        ([f"min{low}"] if low is not None else [])
        + ([f"max{high}"] if high is not None else [])
        + ([label] if label else [])
    )
    variant = Variant.parse(spelt, kind)
    assert (variant.min_score, variant.max_score, variant.label) == (low, high, label)
    assert str(variant) == str(Variant(low, label, high)) == spelt
    name = DatasetName(DatasetKey("qwen-3-32b", kind.name, "min3"), variant)
    assert DatasetName.parse(str(name)) == name


@given(st.text(alphabet="minaxposegdfult_0123 ", max_size=24), st.sampled_from([ROLE, TRAIT]))
def test_whatever_is_accepted_is_the_only_spelling_of_itself(text: str, kind: Kind) -> None:
    try:
        variant = Variant.parse(text, kind)
    except InvalidNameError:
        return
    assert str(variant) == text


def test_no_two_variants_of_roles_have_one_name() -> None:
    scores = (None, 0, 1, 2, 3)
    names = [
        str(Variant(low, label, high))
        for low, high, label in product(scores, scores, (None, *ROLE.labels))
        if (low, high, label) != (None, None, None) and (low is None or high is None or low <= high)
    ]
    assert len(names) == len(set(names)) == (10 + 4 + 4 + 1) * 3 - 1


@pytest.mark.parametrize(
    "text",
    [
        *("max", "max-1", "max020", "max00", "MAX20", "max20__min10", "max20__max30", "pos__max20"),
        *("min1__pos__max2", "max20_pos", "min10__max20__", "min10__max20__pos__neg", "min10max20", "max1000"),
    ],
)
def test_any_other_spelling_of_a_maximum_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidNameError) as caught:
        Variant.parse(text, TRAIT)
    assert str(caught.value).startswith(f"variant {text!r}")


def test_a_maximum_above_the_scale_is_refused_with_the_scale() -> None:
    with pytest.raises(InvalidNameError, match="variant 'max4': no role can score 4; the scale is 0-3"):
        Variant.parse("max4", ROLE)


def test_bounds_that_no_score_is_within_are_refused() -> None:
    with pytest.raises(InvalidNameError, match="variant 'min70__max30': no score is both at least 70 and at most 30"):
        Variant.parse("min70__max30", TRAIT)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("min70_pos", "min70__pos"),
        ("pos__min70", "min70__pos"),
        ("max70__min30", "min30__max70"),
        ("MIN070", "min70"),
        ("positive", "pos"),
        ("Min5 Negative", "min5__neg"),
    ],
)
def test_a_variant_whose_parts_are_known_is_answered_with_its_spelling(text: str, meant: str) -> None:
    with pytest.raises(InvalidNameError, match=f"; did you mean {meant}\\?$"):
        Variant.parse(text, TRAIT)


@pytest.mark.parametrize("text", ["loud", "pos__neg", "min__pos", "min5__loud", "max20__max30", ""])
def test_a_variant_with_unknown_parts_or_too_many_gets_no_suggestion(text: str) -> None:
    with pytest.raises(InvalidNameError) as caught:
        Variant.parse(text, TRAIT)
    assert "did you mean" not in str(caught.value)
