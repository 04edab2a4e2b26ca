"""The texts of pairs: prompts, questions and answers, joined to the index when they are asked for."""

from collections.abc import Mapping

import pyarrow as pa

from persona_assets.pairs.index import SIDES


def join_texts(index: pa.Table, datasets: Mapping[str, pa.Table]) -> pa.Table:
    """The pairs with ``{side}_system_prompt``, ``{side}_messages`` and ``{side}_answer``.

    ``datasets`` holds every dataset that the index names, by name.
    """
    for side in SIDES:
        columns = _join_side(index, side, datasets)
        for name, values in columns.items():
            index = index.append_column(f"{side}_{name}", values)
    return index


def _join_side(index: pa.Table, side: str, datasets: Mapping[str, pa.Table]) -> dict[str, pa.Array]:
    names, rows = (index[f"{side}_{column}"].to_pylist() for column in ("dataset", "row"))
    prompts: list[str | None] = [None] * len(rows)
    messages: list[list[dict[str, str]] | None] = [None] * len(rows)
    for name in dict.fromkeys(names):
        places = [place for place, of in enumerate(names) if of == name]
        taken = datasets[name].select(["system_prompt", "messages"]).take([rows[place] for place in places])
        for place, row in zip(places, taken.to_pylist(), strict=True):
            prompts[place], messages[place] = row["system_prompt"], row["messages"]
    turns = pa.list_(pa.struct({"role": pa.string(), "content": pa.string()}))
    return {
        "system_prompt": pa.array(prompts, pa.string()),
        "messages": pa.array(messages, turns),
        "answer": pa.array([turn[-1]["content"] for turn in messages if turn], pa.string()),
    }
