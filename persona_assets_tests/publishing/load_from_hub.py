"""Load datasets from the Hub as users do, with whichever version of ``datasets`` this Python has, and without us.

python load_from_hub.py REPOSITORY CONFIGURATION...

prints the version, the rows of each configuration, and what loading without a name gives, as JSON. HF_ENDPOINT says
where the Hub is.
"""

import json
import sys

import datasets
from datasets import load_dataset

datasets.disable_progress_bars()


def load_without_a_name(repository: str) -> object:
    try:
        return load_dataset(repository, split="train").num_rows
    except ValueError as error:
        return str(error).splitlines()[0]


if __name__ == "__main__":
    name, *configurations = sys.argv[1:]
    loaded = {one: list(load_dataset(name, one, split="train")) for one in configurations}
    said = {"version": datasets.__version__, "loaded": loaded, "without_a_name": load_without_a_name(name)}
    sys.stdout.write(json.dumps(said))
