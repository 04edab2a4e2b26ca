"""Read datasets as users do, with whichever version of ``datasets`` this Python has; without the package.

python read_with_datasets.py FOLDER CACHE

prints for every dataset below FOLDER its rows, by each way of reading, as JSON. CACHE is a folder for the library.
"""

import json
import sys
from pathlib import Path

import datasets
from datasets import Dataset, load_dataset, load_from_disk

datasets.disable_progress_bars()


def read_every_way(folder: Path, cache: Path) -> dict[str, list[object]]:
    file = str(folder.with_name(f"{folder.name}.parquet"))
    ways = {
        "load_from_disk": load_from_disk(str(folder))["train"],
        "load_dataset": load_dataset("parquet", data_files=file, split="train", cache_dir=str(cache)),
        "from_parquet": Dataset.from_parquet(file, cache_dir=str(cache)),
    }
    mapped = ways["load_from_disk"].map(lambda row: {"last": row["messages"][-1]["role"]}, keep_in_memory=True)
    return {way: list(rows) for way, rows in ways.items()} | {"mapped": mapped["last"][:]}


if __name__ == "__main__":
    data, cache = Path(sys.argv[1]), Path(sys.argv[2])
    folders = sorted(path for path in data.iterdir() if path.is_dir())
    found = {folder.name: read_every_way(folder, cache) for folder in folders}
    sys.stdout.write(json.dumps({"version": datasets.__version__, "datasets": found}))
