"""Writing an export: keys, one by one, into a folder that appears whole or not at all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from persona_assets.errors import InconsistentOutputError, MissingInputError, SettingsError
from persona_assets.keys import DatasetKey
from persona_assets.pairs.rules import PairRule
from persona_assets.settings import Settings
from persona_assets.stage.wording import name_first
from persona_assets.steering.destination import require_free
from persona_assets.steering.formats.contract import Format
from persona_assets.steering.manifest import MANIFEST, ExportedKey, ExportManifest, ExportRule
from persona_assets.steering.material import Material
from persona_assets.steering.reading import Source, read_source
from persona_assets.steering.reasons import WORDS, Reason
from persona_assets.steering.rendering import Renderer
from persona_assets.store.content import Content, list_files
from persona_assets.store.file_provenance import Provenance
from persona_assets.store.records import write_record
from persona_assets.store.replacement import new_folder
from persona_assets.tokens.loading import load_tokenizer


@dataclass(frozen=True)
class Wish:
    """What is to be exported."""

    form: Format
    keys: Sequence[DatasetKey]
    rule: PairRule | None
    """Which pairs; None for a format that holds whole datasets."""
    whole_turn: bool = False
    """Whether texts keep what the template writes after the answer."""

    def check(self) -> None:
        """Raise if the format has no place for what is wished.

        Raises:
            SettingsError: with what to give instead.
        """
        name = self.form.name
        if self.form.of_pairs and self.rule is None:
            raise SettingsError(f"{name} holds pairs, so say which: --rule gap50, or any other rule or condition")
        if not self.form.of_pairs and self.rule is not None:
            raise SettingsError(f"{name} holds whole datasets, and no rule chooses among them; leave out --rule")
        if self.whole_turn and not self.form.cuts:
            raise SettingsError(f"{name} does not cut texts at the answer's end; leave out --whole-turn")
        if self.rule:
            self.rule.check()


@dataclass(frozen=True)
class Exported:
    """What was written."""

    manifest: ExportManifest
    failed: Sequence[str]
    """Keys that could not be read."""
    replaced: bool
    """Whether an earlier export was there."""


@dataclass
class _Export:
    settings: Settings
    wish: Wish
    folder: Path
    locked: bool
    keys: dict[str, ExportedKey] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def add(self, key: DatasetKey) -> None:
        form = self.wish.form
        if problem := form.problem_with(key):
            self.left_out[str(key)] = problem
            return
        try:
            source = read_source(self.settings, key, with_pairs=form.of_pairs, locked=self.locked)
        except (MissingInputError, InconsistentOutputError) as error:
            self.left_out[str(key)] = str(error)
            self.failed.append(str(key))
            return
        exported = self._write(key, source)
        if exported.written:
            self.keys[str(key)] = exported
            return
        self.left_out[str(key)] = _explain_nothing(exported)
        for path in exported.files:
            (self.folder / path).unlink()

    def _write(self, key: DatasetKey, source: Source) -> ExportedKey:
        rule, form = self.wish.rule, self.wish.form
        pairs = rule.choose(source.index) if rule else source.index
        load = partial(_load_renderer, key.model, self.settings)
        material = Material(key, source.datasets, pairs, load, whole_turn=self.wish.whole_turn)
        before = set(list_files(self.folder))
        written = form.write(material, self.folder)
        files = [path for path in list_files(self.folder) if path not in before]
        candidates, chosen = (source.index, pairs) if form.of_pairs else (material.dataset, material.dataset)
        return ExportedKey(
            datasets=source.versions,
            pairs_version=source.index_version,
            tokenizer=material.renderer.model.identity if form.of_pairs else None,
            candidates=candidates.num_rows,
            chosen=chosen.num_rows,
            written=written,
            left_out={reason.value: number for reason, number in sorted(material.tally.left_out.items())},
            unmatched=source.unmatched,
            other_question=source.other_question,
            remarks=material.tally.remarks,
            files={path.relative_to(self.folder).as_posix(): Content.of(path) for path in files},
        )

    def describe(self) -> ExportManifest:
        rule = self.wish.rule
        return ExportManifest(
            Provenance.now(),
            self.wish.form.name,
            ExportRule(rule.name, rule.predicate) if rule else None,
            self.wish.whole_turn,
            self.keys,
            self.left_out,
        )


def write_export(
    settings: Settings,
    wish: Wish,
    target: Path,
    told: Callable[[str, ExportedKey], None] = lambda *_: None,
    *,
    locked: bool = True,
) -> Exported:
    """Write the files of every key and ``export.json`` into ``target``, which replaces an earlier export there.

    A key that cannot be read, or for which the format has no place, is left out with the reason.

    Args:
        told: is given every key that was written, with its name.
        locked: hold the lock of each key while it is read. Without it, nothing is written into the workspace.

    Raises:
        SettingsError: the format has no place for what is wished, or nothing would be written.
        StorageError: ``target`` holds something else than an export, or cannot be written.
        TokenizerError: the tokenizer of a model cannot be had, or cannot be used for the format.
    """
    wish.check()
    replaced = require_free(target)
    with new_folder(target) as folder:
        export = _Export(settings, wish, folder, locked)
        for key in wish.keys:
            export.add(key)
            if str(key) in export.keys:
                told(str(key), export.keys[str(key)])
        if not export.keys:
            raise SettingsError(f"nothing to export: {'; '.join(_explain_all(export.left_out))}")
        manifest = export.describe()
        write_record(folder / MANIFEST, manifest)
    return Exported(manifest, export.failed, replaced)


def _load_renderer(model: str, settings: Settings) -> Renderer:
    return Renderer(load_tokenizer(model, settings))


def _explain_all(left_out: Mapping[str, str]) -> Iterator[str]:
    """Every reason, with the keys that it is about."""
    for reason, keys in group_by_reason(left_out).items():
        yield f"{name_first(keys, len(keys))}: {reason}"


def group_by_reason(left_out: Mapping[str, str]) -> Mapping[str, list[str]]:
    """The keys left out, by reason."""
    groups: dict[str, list[str]] = {}
    for key, reason in left_out.items():
        groups.setdefault(reason, []).append(key)
    return groups


def _explain_nothing(found: ExportedKey) -> str:
    if not found.candidates:
        return "it has no pairs; a baseline is only the other side of other keys' pairs"
    if not found.chosen:
        return "the rule keeps none of its pairs; persona_readiness.json has what each rule keeps"
    return f"all {found.chosen:,} pairs had to be left out: {describe_left_out(found)}"


def describe_left_out(found: ExportedKey) -> str:
    """What was left out of the files of a key, in words."""
    return "; ".join(f"{number:,} because {WORDS[Reason(reason)]}" for reason, number in found.left_out.items())
