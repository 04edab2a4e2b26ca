"""Kill processes amid materialisations, many times, and look at every output after every kill.

    python benchmarks/kill_campaign.py --kills 128                 one process that makes a key again and again
    python benchmarks/kill_campaign.py --group --kills 72          `persona-assets generate --workers 2`, whole group
    ... --fuse                                                     the same on a FUSE file system (needs bindfs)

A FUSE file system does not exchange names, so a folder is replaced there by two renames. Torn loads must be 0, and
after the clean-up that the next run begins with, every output must be the one its manifest names. Exit code 1 if not,
or if an unhindered run at the end does not leave exactly the bytes of a workspace never disturbed.
"""

import argparse
import sys
import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path

from persona_assets_tests.atomicity.file_systems import fuse
from persona_assets_tests.atomicity.group_kills import kill_groups
from persona_assets_tests.atomicity.killing import kill_campaign


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--group", action="store_true")
    parser.add_argument("--fuse", action="store_true")
    arguments = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, _file_system(Path(folder), arguments.fuse) as root:
        if arguments.group:
            campaign = asdict(kill_groups(root, arguments.kills, arguments.seed))
        else:
            campaign = asdict(kill_campaign(root, arguments.kills, arguments.seed, exchanging=not arguments.fuse))
    for name, value in campaign.items():
        print(f"{name.replace('_', ' '):32}{value if name != 'torn' else len(value)}")
    print(f"{'seconds':32}{time.monotonic() - start:.0f}")
    for torn in campaign["torn"][:20]:
        print(f"  torn: {torn}")
    sys.exit(bool(campaign["torn"]) or not campaign["exact_at_the_end"])


def _file_system(folder: Path, with_fuse: bool) -> AbstractContextManager[Path]:
    return fuse(folder) if with_fuse else nullcontext(folder)


if __name__ == "__main__":
    main()
