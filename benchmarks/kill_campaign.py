"""Kill a materialisation again and again with SIGKILL, and load all its outputs between and meanwhile.

    python benchmarks/kill_campaign.py [--kills 200] [--seed 0]

A process materialises two raw versions of one key in turn and is killed after a random time. Every load of a
dataset folder or Parquet file must give all rows of one version; torn loads must be 0. Exit code 1 if not, or if
an unhindered run at the end does not leave exactly the bytes of a workspace never disturbed.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from persona_assets_tests.atomicity.killing import Campaign, kill_campaign


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        campaign = kill_campaign(Path(folder), arguments.kills, arguments.seed)
    show(campaign, time.monotonic() - start)
    sys.exit(bool(campaign.torn) or not campaign.exact_at_the_end)


def show(campaign: Campaign, seconds: float) -> None:
    stages = ", ".join(f"{stage} {count}" for stage, count in campaign.kills_by_stage.most_common())
    for name, value in (
        ("kills", f"{campaign.kills} in {seconds:.0f} s"),
        ("  by stage", stages),
        ("  dataset replaced", campaign.kills_after_replacement),
        ("  amid renames", campaign.kills_amid_renames),
        (
            "  with leftovers",
            f"{campaign.kills_with_leftovers}, {campaign.leftovers_removed} entries removed at the end",
        ),
        ("loads between kills", campaign.loads_between),
        ("loads meanwhile", campaign.loads_meanwhile),
        ("folders seen meanwhile", campaign.folders_looked_at_meanwhile),
        ("torn loads", len(campaign.torn)),
        ("exact at the end", "yes" if campaign.exact_at_the_end else "NO"),
    ):
        print(f"{name:24}{value}")
    for torn in campaign.torn[:20]:
        print(f"  torn: {torn}")


if __name__ == "__main__":
    main()
