"""Making one stage of one key: its outputs and its entry in the manifest are replaced together."""

from collections.abc import Sequence
from typing import Any

import msgspec

from persona_assets.stage.code import StageCode
from persona_assets.stage.context import StageContext
from persona_assets.stage.freshness import manifests_of, partitions_read
from persona_assets.stage.manifest import Manifest, outputs_of
from persona_assets.stage.now import Now, SourceHashes
from persona_assets.stage.outcomes import Made
from persona_assets.stage.records import CodeRecord, SourcesRecord, SourceStamp, StageRecord
from persona_assets.stage.spec import Stage
from persona_assets.store.replacement import Replacement, replacing


def make_stage(
    stage: Stage[Any], code: StageCode, context: StageContext[Any], products: Sequence[Any]
) -> tuple[Made[Any], Manifest]:
    """Make ``stage`` of the key of ``context``; return what was made, and the manifest that records it.

    Raises:
        StorageError: an output cannot be written; the earlier versions are as they were.
        InconsistentOutputError: another partition that it reads was made again meanwhile.
    """
    read_before = _read_other_partitions(stage, context)
    with replacing(context.workspace.journal(context.key)) as replacement:
        made = code.make(context, replacement, *products)
        if _read_other_partitions(stage, context) != read_before:
            producer = context.producer(stage)
            raise producer.inconsistent(f"what {producer} reads of other partitions was made again meanwhile")
        record = _record(stage, context, replacement, made, read_before)
        manifest = context.manifest.renew(replacement, stage, record)
    return made, manifest


def _record(
    stage: Stage[Any],
    context: StageContext[Any],
    replacement: Replacement,
    made: Made[Any],
    read_before: dict[str, str | None],
) -> StageRecord[Any]:
    """Build the stage's entry in the manifest, checked against the type that it will be read as."""
    now = Now(context.key, context.settings, context.manifest, _hashes(context, made), context.variants)
    entries = {
        "code": CodeRecord.of_version(stage.code_version),
        "inputs": stage.inputs(now),
        "outputs": outputs_of(replacement, context.workspace.root),
        **({"sources": _stamps(made)} if issubclass(stage.record, SourcesRecord) else {}),
        **({"partitions_read": read_before} if read_before else {}),
        **made.findings,
    }
    record: StageRecord[Any] = msgspec.convert(msgspec.to_builtins(entries), stage.record)
    return record


def _hashes(context: StageContext[Any], made: Made[Any]) -> SourceHashes:
    """The hashes of what the stage has read; the files may have changed since."""
    read = {name: source.sha256 for name, source in made.sources.items()}
    if not read:
        return SourceHashes({}, {})
    scores = {file.name for file in context.sources.scores}
    return SourceHashes(
        {name: digest for name, digest in read.items() if name not in scores},
        {name: digest for name, digest in read.items() if name in scores},
        context.sources.layout.reading,
    )


def _stamps(made: Made[Any]) -> dict[str, SourceStamp]:
    return {
        name: SourceStamp(source.size_bytes, source.modified_ns, str(source.path))
        for name, source in made.sources.items()
    }


def _read_other_partitions(stage: Stage[Any], context: StageContext[Any]) -> dict[str, str | None]:
    now = Now(context.key, context.settings, context.manifest)
    return partitions_read(stage, now, manifests_of(context.workspace, context.stages))
