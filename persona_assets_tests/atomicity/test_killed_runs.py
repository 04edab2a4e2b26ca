"""A process killed with SIGKILL at any moment leaves every dataset whole; the next run undoes what it had begun."""

from pathlib import Path

import pytest

from persona_assets_tests.atomicity.killing import kill_at_every_rename, kill_campaign

pytestmark = pytest.mark.campaign

KILLS = 12
OUTPUT_FILES = 1 + (1 + 3) + 2 + 1 + 1 + 1
OUTPUT_FOLDERS = 1 + 3
STAGES_MADE = 8
RECORDS = STAGES_MADE + 3
"""The manifest after every stage; how the work ended, what was shown and the stamps after the last."""

both_ways = pytest.mark.parametrize("exchanging", [True, False], ids=["exchanging names", "renaming twice"])


@both_ways
def test_no_load_is_torn_by_kills_at_random_moments_and_the_next_run_is_exact(
    exchanging: bool, tmp_path: Path
) -> None:
    campaign = kill_campaign(tmp_path, KILLS, exchanging=exchanging)
    assert campaign.torn == []
    assert campaign.kills == KILLS
    assert campaign.kills_after_replacement > 0
    assert campaign.loads_between == KILLS * 4 * 3 - campaign.names_of_nothing
    assert campaign.loads_meanwhile > 0
    assert campaign.folders_looked_at_meanwhile > 0
    assert campaign.cleanups == KILLS // 2 + 1
    assert campaign.exact_at_the_end


@both_ways
def test_no_load_is_torn_by_a_kill_at_any_rename_and_the_next_run_is_exact(exchanging: bool, tmp_path: Path) -> None:
    campaign = kill_at_every_rename(tmp_path, exchanging=exchanging)
    links_and_renames = 2 * (OUTPUT_FILES + RECORDS) + STAGES_MADE
    exchanges_and_renames = OUTPUT_FOLDERS * (1 if exchanging else 3)
    assert campaign.kills == links_and_renames + exchanges_and_renames
    assert campaign.torn == []
    assert campaign.kills_amid_renames > 0
    assert campaign.names_of_nothing == (0 if exchanging else OUTPUT_FOLDERS)
    assert campaign.put_back > 0
    assert campaign.exact_at_the_end
