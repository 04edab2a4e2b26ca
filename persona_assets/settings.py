"""Every setting, typed, from the environment (``PERSONA_*``) or ``{workspace}/persona_assets.toml``.

The environment wins over the file, the file over the defaults. No other module reads a ``PERSONA_*`` variable.
"""

import os
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import (
    SettingsError as SourceError,
)

from persona_assets.chat_fields import ChatFields
from persona_assets.errors import InvalidNameError, SettingsError
from persona_assets.keys import Variant, check_segment
from persona_assets.kinds import KINDS, Kind
from persona_assets.pair_rules import DEFAULT_RULES, check_rules
from persona_assets.regular_files import check_regular
from persona_assets.setting_folders import make_absolute, refuse_non_folder
from persona_assets.setting_names import ENV_PREFIX, SETTINGS_FILE, explain_problem, refuse_misspelt_variables
from persona_assets.template_arguments import DEFAULT_ARGUMENTS, Arguments, check_arguments
from persona_assets.training_recipes import Recipe, SetName

DEFAULT_TOKENIZERS = {
    "gemma-2-27b": "google/gemma-2-27b-it",
    "llama-3.3-70b": "meta-llama/Llama-3.3-70B-Instruct",
    "qwen-3-32b": "Qwen/Qwen3-32B",
}


PICTURE_FORMATS = ("png", "pdf", "svg")
"""Every format of pictures, the one that is always written first."""


class Settings(BaseSettings):
    """All settings of one run. Frozen and picklable, so that worker processes get exactly the same ones."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, frozen=True, extra="forbid", env_ignore_empty=True)

    workspace: Path = Path("workspace")
    """Folder for all outputs."""
    data_root: Path | None = None
    """Folder of the raw corpus. Unset: ``{workspace}/persona-data``."""
    tokenizers: Path | None = None
    """Folder with one tokenizer folder per model, named after the last part of its Hub id.
    Unset: tokenizers come from the Hugging Face Hub."""
    models: dict[str, str] = Field(default_factory=lambda: dict(DEFAULT_TOKENIZERS))
    """Hub id of the tokenizer of each model, by raw model name. Entries are added to the defaults."""
    layouts: dict[str, str] = Field(default_factory=dict)
    """Raw layout of a model's folder, by raw model name. Unset: found by looking."""
    chat_data: dict[str, ChatFields] = Field(default_factory=dict)
    """How plain chat data is written, by raw model name. A model with an entry is read so, unless ``layouts`` names
    another layout."""
    fold_system_turns: tuple[str, ...] = ()
    """Models whose system turns are put in front of the user turn, because their chat template has none."""
    chat_template_arguments: dict[str, Arguments] = Field(default_factory=lambda: dict(DEFAULT_ARGUMENTS))
    """What the chat template of a model is given beside the conversation, by raw model name. Entries are added to the
    defaults."""
    variants: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Filter variants made of every dataset, by kind name."""
    pair_baselines: tuple[str, ...] = ("0_default", "default")
    """Roles whose answers those of other roles are paired with. Of each model, the first that the raw root has."""
    pair_baseline_prompt: int = Field(default=0, ge=0)
    """Which system prompt of that role, from 0."""
    pair_rules: dict[str, str] = Field(default_factory=lambda: dict(DEFAULT_RULES))
    """Conditions that make a pair contrastive, by name. Entries are added to the defaults."""
    ready_pairs: int = Field(default=50, ge=1)
    """Pairs from which a key counts as ready for a steering vector, as in assistant-axis."""
    ready_answer_tokens: int = Field(default=100_000, ge=1)
    """Answer tokens, of both sides, from which it does."""
    training_sets: dict[SetName, Recipe] = Field(default_factory=dict)
    """Training sets, each by its name."""
    stages_off: tuple[str, ...] = ()
    """Optional stages that are not made, by asset name."""
    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=512)
    """Keys worked on at the same time, each in a separate process."""
    scheduler: str | None = None
    """Address of a Dask scheduler, such as ``tcp://host:8786``. Its workers then do the work, and ``workers`` is not
    used."""
    keys_per_run: int = Field(default=500, ge=0)
    """Most keys in one Dagster run; a larger batch or backfill is split into several runs. 0: all keys in one run,
    which ``dagster asset materialize --partition-range`` needs."""
    long_answer_tokens: int = Field(default=1000, ge=1)
    """Answers with at least this many tokens count as long: the max_tokens of the generator probably cut them off."""
    picture_formats: tuple[Literal["png", "pdf", "svg"], ...] = ("png",)
    """Formats in which pictures are written. PNG always is, because the UI shows it."""
    max_prompts: int = Field(default=5, ge=1)
    """System prompt variants per label; a larger prompt_index is quarantined."""
    max_questions: int = Field(default=240, ge=1)
    """Shared questions; a larger question_index is quarantined."""
    max_samples: int = Field(default=100, ge=1)
    """Answers to one prompt and question; a larger sample_index is quarantined."""
    max_messages: int = Field(default=64, ge=2)
    """Most messages of one conversation; longer conversations are quarantined."""
    max_line_bytes: int = Field(default=16 * 2**20, ge=1024)
    """Longest line of a raw file, and largest score file, that is read into memory. Longer lines are quarantined; a
    larger score file fails its key."""
    max_file_bytes: int = Field(default=32 * 2**20, ge=1024)
    """Largest raw file that is read; a larger one fails its key. The default keeps the memory of a worker below 700
    MiB: it needs 455 with the largest tokenizer and a file of 8 MiB, and 5 to 7 for each further MiB. Only single
    lines of 16 MiB can take it further, to 850. The file of a trait with 2,400 answers has 4 to 8 MiB."""
    retire_share: float = Field(default=0.1, ge=0, le=1)
    """Largest share of all keys that ``persona-assets retire`` removes without ``--count``. If the raw root is only
    partly mounted, many keys look as if they were gone."""
    trash_days: int = Field(default=30, ge=0)
    """Days for which the outputs of retired keys are kept in the trash, at least. 0: not at all."""

    dataset_license: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9.+-]*$")
    """License of published datasets, as the Hub calls it, such as ``cc-by-4.0``. Unset: none is stated."""
    dataset_citation: str | None = None
    """How published datasets are to be cited, shown as it is on their cards. Unset: only this package is."""
    report_port: int = Field(default=3001, ge=1, le=65535)
    """Port of loopback on which ``persona-assets dev`` serves the report."""

    @field_validator("models", mode="after")
    @classmethod
    def _add_default_models(cls, given: dict[str, str]) -> dict[str, str]:
        for model, tokenizer in given.items():
            check_segment("model", model)
            if not tokenizer.strip():
                raise InvalidNameError(f"model {model!r} has an empty tokenizer id")
        return DEFAULT_TOKENIZERS | given

    @field_validator("chat_data", mode="after")
    @classmethod
    def _check_chat_models(cls, given: dict[str, ChatFields]) -> dict[str, ChatFields]:
        for model in given:
            check_segment("model", model)
        return given

    @field_validator("chat_template_arguments", mode="after")
    @classmethod
    def _add_default_arguments(cls, given: dict[str, Arguments], info: ValidationInfo) -> dict[str, Arguments]:
        check_arguments(given, info.data.get("models", given))
        return DEFAULT_ARGUMENTS | given

    @field_validator("pair_rules", mode="after")
    @classmethod
    def _add_default_rules(cls, given: dict[str, str]) -> dict[str, str]:
        check_rules(given)
        return {**DEFAULT_RULES, **given}

    @field_validator("variants", mode="after")
    @classmethod
    def _check_variants(cls, given: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return check_variants(given)

    @field_validator("picture_formats", mode="after")
    @classmethod
    def _put_formats_in_order(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        """PNG first, and each once, so that settings that mean the same are the same."""
        return tuple(name for name in PICTURE_FORMATS if name in given or name == PICTURE_FORMATS[0])

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic-settings fixes the signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        root = init_settings().get("workspace") or env_settings().get("workspace") or Path("workspace")
        file = make_absolute("workspace", Path(root)) / SETTINGS_FILE
        if os.path.lexists(file):  # the source would skip anything that is not a file
            check_regular(file)
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file)

    @property
    def raw_root(self) -> Path:
        return self.data_root or self.workspace / "persona-data"

    def folds_system_turn(self, model: str) -> bool:
        return model in self.fold_system_turns

    def variants_of(self, kind: Kind) -> tuple[Variant, ...]:
        """The variants made of every dataset of ``kind``, unless the run is configured otherwise."""
        return tuple(Variant.parse(text, kind) for text in self.variants.get(kind.name, kind.default_variants))


def _list_entries() -> dict[str, tuple[str, ...]]:
    """What may stand in the entries of settings that are made of named entries, by setting."""
    shapes = {name: get_args(field.annotation)[-1:] for name, field in Settings.model_fields.items()}
    return {
        name: tuple(shape.model_fields)
        for name, found in shapes.items()
        for shape in found
        if isinstance(shape, type) and issubclass(shape, BaseModel)
    }


def check_variants(given: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return ``given`` (kind name to variant suffixes) if every kind and variant in it is valid.

    Raises:
        InvalidNameError: with the first kind or variant that is not valid.
    """
    for kind_name, variants in given.items():
        if kind_name not in KINDS:
            raise InvalidNameError(f"variants of unknown kind {kind_name!r}; use {' or '.join(KINDS)}")
        for text in variants:
            Variant.parse(text, KINDS[kind_name])
    return given


def list_variables() -> tuple[list[str], list[str]]:
    """The variables of the environment with the prefix of settings that are set: those that are settings, and others,
    which nothing reads.
    """
    known = {f"{ENV_PREFIX}{name.upper()}" for name in Settings.model_fields}
    given = sorted(name for name, value in os.environ.items() if name.startswith(ENV_PREFIX) and value)
    return [name for name in given if name in known], [name for name in given if name not in known]


def load_settings(**overrides: Any) -> Settings:
    """Read all settings, ``overrides`` first, with every path made absolute.

    Raises:
        SettingsError: with every setting that is wrong, its value and what is allowed.
    """
    refuse_misspelt_variables(os.environ, Settings.model_fields)
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        entries = _list_entries()
        lines = [explain_problem(problem, Settings.model_fields, entries) for problem in error.errors()]
        raise SettingsError("some settings cannot be used:\n  " + "\n  ".join(lines)) from error
    except (SourceError, ValueError, OSError) as error:
        raise SettingsError(
            f"settings cannot be read: {error}; check the {ENV_PREFIX}* variables (lists and maps are JSON) "
            f"and {SETTINGS_FILE} in the workspace"
        ) from error
    paths = {name: getattr(settings, name) for name in ("workspace", "data_root", "tokenizers")}
    settings = settings.model_copy(update={name: make_absolute(name, path) for name, path in paths.items() if path})
    refuse_non_folder(settings.workspace)
    return settings
