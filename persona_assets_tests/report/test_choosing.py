"""Which conversations a page shows."""

import numpy as np
import pytest

from persona_assets.kinds import ROLE, TRAIT, Kind
from persona_assets.plots.bands import BANDS
from persona_assets.report.choosing import MOST, NO_ROW, Shown, choose_conversations
from persona_assets.report.rows import NONE, Rows
from persona_assets_tests.report.sites import list_cells

LEAST = 12


def make_rows(kind: Kind, prompts: int, questions: int, seed: int = 0, order: int = 0) -> Rows:
    """Rows with scores over the whole scale, few without one, and one sign that one row has."""
    chance = np.random.default_rng(seed)
    labels = kind.labels if kind.paired else kind.labels[:1]
    cells = list(list_cells(labels, prompts, questions))
    scores = chance.integers(-1 - kind.max_score // 20, kind.max_score + 1, len(cells)).clip(NONE)
    places = np.random.default_rng(order).permutation(len(cells)) if order else np.arange(len(cells))
    label, prompt, question = (np.array([cell[part] for cell in cells])[places] for part in range(3))
    leaked = (np.arange(len(cells)) == 3)[places]
    return Rows(
        labels=label,
        prompts=prompt,
        questions=question,
        samples=np.zeros(len(cells), np.int64),
        scores=scores[places],
        statuses=np.where(scores[places] == NONE, "missing", "ok"),
        tokens=np.full(len(cells), 9),
        answer_tokens=np.full(len(cells), 5),
        signs={"instruction_leaked": leaked},
        truncation_known=True,
    )


def list_taken(shown: list[Shown]) -> list[int]:
    return [position for one in shown for position in (one.left, one.right) if position != NO_ROW]


@pytest.mark.parametrize("kind", [ROLE, TRAIT], ids=["role", "trait"])
@pytest.mark.parametrize("seed", range(5))
def test_every_label_and_score_band_is_among_twelve_to_thirty(kind: Kind, seed: int) -> None:
    rows = make_rows(kind, 5, 40, seed)
    taken = list_taken(choose_conversations(rows, kind))
    assert len(taken) == len(set(taken))
    assert LEAST <= len(taken) <= MOST
    for label in set(rows.labels.tolist()):
        for band in BANDS[kind.name]:
            of_band = [
                position
                for position in range(len(rows))
                if rows.labels[position] == label
                and band.holds(None if rows.scores[position] == NONE else int(rows.scores[position]))
            ]
            assert not of_band or set(taken).intersection(of_band)
    assert any(rows.signs["instruction_leaked"][position] for position in taken)


@pytest.mark.parametrize("kind", [ROLE, TRAIT], ids=["role", "trait"])
def test_small_datasets_are_shown_whole(kind: Kind) -> None:
    rows = make_rows(kind, 1, 6)
    assert sorted(list_taken(choose_conversations(rows, kind))) == list(range(len(rows)))


def test_the_choice_follows_from_the_rows_and_not_from_their_order() -> None:
    def names(order: int) -> list[tuple[str, int, int]]:
        rows = make_rows(TRAIT, 5, 40, order=order)
        taken = list_taken(choose_conversations(rows, TRAIT))
        return sorted((str(rows.labels[one]), int(rows.prompts[one]), int(rows.questions[one])) for one in taken)

    assert names(0) == names(1) == names(2)


def test_both_answers_of_a_trait_are_beside_each_other() -> None:
    rows = make_rows(TRAIT, 5, 40)
    pairs = [one for one in choose_conversations(rows, TRAIT) if one.right != NO_ROW]
    assert len(pairs) >= 6
    for one in pairs:
        assert (rows.labels[one.left], rows.labels[one.right]) == ("pos", "neg")
        assert (rows.prompts[one.left], rows.questions[one.left]) == (
            rows.prompts[one.right],
            rows.questions[one.right],
        )


def test_no_rows_give_no_conversation() -> None:
    assert choose_conversations(make_rows(ROLE, 0, 0), ROLE) == []
