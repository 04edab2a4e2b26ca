"""Cards say what the facts say, nothing else, and no text can break out of its place."""

import json
import re
from collections.abc import Sequence
from typing import Any

import pytest
from huggingface_hub import DatasetCard

from persona_assets.publishing.cards import name_size, render_card, render_front_page
from persona_assets.publishing.configurations import list_configurations
from persona_assets.publishing.facts import DatasetFacts
from persona_assets.publishing.groups import group
from persona_assets.publishing.provenance_file import encode_provenance
from persona_assets.publishing.rendering import card_environment, show_block, show_code
from persona_assets.settings import Settings
from persona_assets_tests.packaging.test_project_files import read_yaml
from persona_assets_tests.publishing.facts_made_up import ROLE_COLUMNS, make_facts
from persona_assets_tests.report.injections import INJECTIONS

BASELINE = make_facts("gemma__role__0_default", {"default": 5}, scored={})
PIRATE = make_facts("gemma__role__pirate", {"pos": 4}, folded=3)
CALM = make_facts("qwen__trait__calm", {"pos": 6, "neg": 7}, scored={"pos": 6, "neg": 5})
ALL = (BASELINE, PIRATE, CALM)


def write_page(datasets: Sequence[DatasetFacts], **settings: Any) -> str:
    configurations = list_configurations(datasets)
    return render_front_page(group(datasets), configurations, "me/personas", Settings(**settings))


def read_front(page: str) -> dict[str, Any]:
    """What the Hub reads of it."""
    front: dict[str, Any] = vars(DatasetCard(page).data)
    return {name: value for name, value in front.items() if value is not None}


def test_every_dataset_has_a_configuration_and_joined_ones_have_one_set_of_columns() -> None:
    configurations = {one["config_name"]: one for one in read_front(write_page(ALL))["configs"]}
    assert configurations.keys() == {"all_roles", *(str(one.key) for one in ALL)}
    of_two_models = (*ALL, make_facts("qwen__role__bard", {"pos": 1}), make_facts("qwen__role__pirate", {"pos": 1}))
    names = [one["config_name"] for one in read_front(write_page(of_two_models))["configs"]]
    assert names[:3] == ["all_roles", "all_roles_gemma", "all_roles_qwen"]
    assert configurations["all_roles"]["data_files"] == [{"split": "train", "path": "data/*/roles/*.parquet"}]
    assert configurations["qwen__trait__calm"]["data_files"][0]["path"] == "data/qwen/traits/calm.parquet"
    other = make_facts("gemma__role__bard", {"pos": 1}, columns=(*ROLE_COLUMNS, "sample_index"))
    page = write_page((*ALL, other))
    assert "all_roles" not in {one["config_name"] for one in read_front(page)["configs"]}
    assert "There is none with all roles" in page


@pytest.mark.parametrize(
    ("datasets", "default"),
    [(ALL, []), ((BASELINE, PIRATE), ["all_roles"]), ((PIRATE,), [])],
    ids=["both kinds", "one kind", "one dataset"],
)
def test_the_default_is_what_holds_everything(datasets: Sequence[DatasetFacts], default: list[str]) -> None:
    configurations = read_front(write_page(datasets))["configs"]
    assert [one["config_name"] for one in configurations if one.get("default")] == default


def test_a_license_is_stated_only_if_it_is_set() -> None:
    assert "license" not in read_front(write_page(ALL))
    assert "None was stated." in write_page(ALL)
    assert read_front(write_page(ALL, dataset_license="cc-by-4.0"))["license"] == "cc-by-4.0"


def test_the_overview_has_the_sums() -> None:
    page = write_page(ALL)
    [roles] = [line for line in page.splitlines() if line.startswith("| `gemma` | roles ")]
    assert [cell.strip() for cell in roles.split("|")[3:9]] == [
        "2",
        "9",
        "5 `default`, 4 `pos`",
        "4",
        "4",
        "54",
    ]
    assert read_front(page)["size_categories"] == ["n<1K"]


@pytest.mark.parametrize(
    ("rows", "size"), [(999, "n<1K"), (1000, "1K<n<10K"), (99_999, "10K<n<100K"), (10**6, "1M<n<10M")]
)
def test_sizes_are_named_as_the_hub_names_them(rows: int, size: str) -> None:
    assert name_size(rows) == size


def test_a_trap_is_told_of_only_where_there_is_one() -> None:
    page = write_page(ALL)
    assert "No row of these has a score: 5 `default`." in page
    assert "3 of 9 rows of `gemma` (roles)." in page
    assert "under two numbers" not in page
    twice = make_facts("qwen__trait__kind", {"pos": 1}, repeated=1)
    assert "Up to 1 of the 240 questions of a dataset has the text of another" in write_page((CALM, twice))
    assert "Folded" not in write_page((CALM,))
    assert "not judged" not in write_page((CALM,))


def test_a_citation_is_shown_as_it_is_and_ours_has_the_facts_of_the_citation_file() -> None:
    own = "@misc{me,\n  title = {```\n---\nlicense: mit}\n}"
    page = write_page(
        (make_facts("gemma__role__pirate", {"pos": 4}, text="persona-subspace-240"),), dataset_citation=own
    )
    assert f"\n````\n{own}\n````\n" in page
    assert "license" not in read_front(page)
    facts = read_yaml("CITATION.cff")
    [reference] = facts["references"]
    for fact in (facts["title"], facts["version"], facts["authors"][0]["name"], reference["title"], reference["url"]):
        assert str(fact) in page
    assert f"{reference['authors'][0]['family-names']}, {reference['authors'][0]['given-names']}" in page
    assert "persona-subspace" not in write_page(ALL)


@pytest.mark.parametrize(
    "text", [*INJECTIONS[::40], "a | b", "``` x `", "line\nbreak\n# Heading", "---\nlicense: mit"]
)
def test_hostile_text_stays_in_its_cell(text: str) -> None:
    hostile = make_facts("gemma__role__pirate", {"pos": 4}, text=text)
    for page, plain in (
        (write_page([hostile]), write_page([PIRATE])),
        (render_card(*group([hostile])), render_card(*group([PIRATE]))),
    ):
        assert len(page.splitlines()) <= len(plain.splitlines())
        assert _count_bars(page) == _count_bars(plain)
        assert "<" not in re.sub(r"(`+) ?.*?(?<!`)\1(?!`)", "", page.partition("\n---\n")[2])
    assert "license" not in read_front(write_page([hostile]))


def test_nothing_published_names_a_path_of_this_machine() -> None:
    published = [write_page(ALL), *map(render_card, group(ALL)), encode_provenance(ALL).decode()]
    assert not any("private" in page.replace("--private", "") for page in published)
    assert set(json.loads(published[-1])) == {str(one.key) for one in ALL}


def test_a_value_that_went_through_no_filter_is_never_shown() -> None:
    with pytest.raises(TypeError, match="as it is"):
        card_environment().from_string("{{ text }}").render(text="<b>")


def test_code_and_blocks_cannot_be_ended_from_within() -> None:
    assert show_code("a`b``c") == "```a`b``c```"
    assert show_code("`") == "`` ` ``"
    assert show_block("x\n````\ny") == "`````\nx\n````\ny\n`````"


def _count_bars(page: str) -> list[int]:
    """The cells of each row of the tables."""
    return [len(re.split(r"(?<!\\)\|", line)) for line in page.splitlines() if line.startswith("|")]
