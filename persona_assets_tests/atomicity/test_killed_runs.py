"""A process killed with SIGKILL at any moment leaves every dataset whole, of one version or the other."""

from pathlib import Path

from persona_assets_tests.atomicity.killing import kill_at_every_rename, kill_campaign

KILLS = 12


def test_no_load_is_torn_by_kills_at_random_moments_and_the_next_run_is_exact(tmp_path: Path) -> None:
    campaign = kill_campaign(tmp_path, KILLS)
    assert campaign.torn == []
    assert campaign.kills == KILLS
    assert campaign.kills_after_replacement > 0
    assert campaign.loads_between == KILLS * 4 * 3
    assert campaign.loads_meanwhile > 0
    assert campaign.folders_looked_at_meanwhile > 0
    assert campaign.leftovers_removed == campaign.leftovers
    assert campaign.exact_at_the_end


def test_no_load_is_torn_by_a_kill_at_any_rename_and_the_next_run_is_exact(tmp_path: Path) -> None:
    campaign = kill_at_every_rename(tmp_path)
    outputs = 1 + (1 + 3) + (1 + 3) + 2 + 1
    manifests_and_standing = 6 + 1
    assert campaign.kills == 1 + outputs + manifests_and_standing - 1
    assert campaign.torn == []
    assert campaign.kills_amid_renames > 0
    assert campaign.leftovers_removed >= campaign.kills
    assert campaign.exact_at_the_end
