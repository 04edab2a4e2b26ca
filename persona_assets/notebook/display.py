"""What a notebook shows of a workspace: its keys by model, kind and state."""

from collections import Counter
from dataclasses import dataclass
from html import escape

from persona_assets.notebook.holdings import Holdings

_HEADINGS = ("model", "kind", "keys", "variants", "states")


@dataclass(frozen=True)
class Line:
    """One model and kind. Keys of a state need not have a dataset, so that the states may be of more keys."""

    model: str
    kind: str
    keys: int
    variants: int
    states: str

    def cells(self) -> tuple[str, ...]:
        return self.model, self.kind, f"{self.keys:,}", f"{self.variants:,}", self.states


def count(holdings: Holdings) -> list[Line]:
    """A line for every model and kind, in the order of their names."""
    keys = Counter((key.model, key.kind_name) for key in holdings.keys.values())
    variants = Counter((one.key.model, one.key.kind_name) for one in holdings.datasets.values() if one.variant)
    states: dict[tuple[str, str], Counter[str]] = {}
    for key, state in holdings.states.items():
        states.setdefault((key.model, key.kind_name), Counter())[state.value] += 1
    return [
        Line(*of, keys[of], variants[of], ", ".join(f"{number:,} {state}" for state, number in found.most_common()))
        for of in sorted(keys.keys() | states.keys())
        for found in [states.get(of, Counter())]
    ]


def as_text(holdings: Holdings) -> str:
    lines = [line.cells() for line in count(holdings)]
    widths = [max(map(len, column)) for column in zip(_HEADINGS, *lines, strict=True)]
    table = [_pad(cells, widths) for cells in (_HEADINGS, *lines)] if lines else ["no datasets"]
    return "\n".join([_title(holdings), *table])


def as_html(holdings: Holdings) -> str:
    rows = [f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in line.cells())}</tr>" for line in count(holdings)]
    head = "".join(f"<th>{heading}</th>" for heading in _HEADINGS)
    return (
        f"<p><code>{escape(_title(holdings))}</code></p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _title(holdings: Holdings) -> str:
    return f"Collection({str(holdings.workspace.root)!r})"


def _pad(cells: tuple[str, ...], widths: list[int]) -> str:
    model, kind, keys, variants, _ = widths
    return "  {:{}}  {:{}}  {:>{}}  {:>{}}  {}".format(
        *(cells[0], model), *(cells[1], kind), *(cells[2], keys), *(cells[3], variants), cells[4]
    ).rstrip()
