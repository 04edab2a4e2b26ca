"""Rows that cannot all be right: two with the same identity, or two questions with the same index."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from persona_assets.raw.rows import Identity, RawRow, Reason, Rejection


def contradictions(rows: Sequence[RawRow]) -> Mapping[int, Rejection]:
    """Find the rows to quarantine because of other rows of the same key, by their place in ``rows``.

    Of equal rows the first is kept. Of rows that share label, prompt, question and sample index but
    differ, none is: nothing tells which of them the judge scored.
    """
    found = _foreign_questions(rows)
    identities = [row.identity for row in rows]
    if len(set(identities)) == len(rows):
        return found
    places: dict[Identity, list[int]] = defaultdict(list)
    for place, identity in enumerate(identities):
        if place not in found:
            places[identity].append(place)
    for identity, together in places.items():
        if len(together) > 1:
            found |= _duplicates(rows, identity, together)
    return found


def out_of_order(rows: Sequence[RawRow], labels: Sequence[str]) -> int:
    """How many rows stand directly before a row they should follow, by label, prompt, question and sample index."""
    order = [(labels.index(row.label), row.prompt_index, row.question_index, row.sample_index) for row in rows]
    return sum(one > next_one for one, next_one in pairwise(order))


def _foreign_questions(rows: Sequence[RawRow]) -> dict[int, Rejection]:
    texts: dict[int, Counter[str]] = defaultdict(Counter)
    for row in rows:
        texts[row.question_index][row.question] += 1
    usual = {index: counts.most_common(1)[0][0] for index, counts in texts.items()}
    return {
        place: Rejection(
            Reason.QUESTION_MISMATCH,
            f"question_index {row.question_index} is {usual[row.question_index][:80]!r} in other rows of the file, "
            f"here it is {row.question[:80]!r}",
        )
        for place, row in enumerate(rows)
        if row.question != usual[row.question_index]
    }


def _duplicates(rows: Sequence[RawRow], identity: Identity, together: Sequence[int]) -> dict[int, Rejection]:
    name = str(identity)
    first = rows[together[0]]
    if all(rows[place] == first for place in together):
        rejection = Rejection(Reason.EXACT_DUPLICATE, f"an equal row for {name} comes earlier")
        return dict.fromkeys(together[1:], rejection)
    rejection = Rejection(Reason.CONFLICTING_DUPLICATE, f"{len(together)} different rows claim to be {name}")
    return dict.fromkeys(together, rejection)
