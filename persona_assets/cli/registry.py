"""Every command, by the name it is typed with: where it is declared. A new command is one line here.

The module of a command declares its options and imports what does the work only when it runs, so that help pages and
completion do not wait for Dagster, pyarrow and their like.
"""

from collections.abc import Mapping

COMMANDS: Mapping[str, str] = {
    "analyze": "persona_assets.cli.analyze:analyze",
    "compare": "persona_assets.cli.compare:compare",
    "completion": "persona_assets.cli.completion:completion",
    "create": "persona_assets.cli.create:create",
    "demo": "persona_assets.cli.demo:demo",
    "dev": "persona_assets.cli.dev:dev",
    "doctor": "persona_assets.cli.doctor:doctor",
    "export": "persona_assets.cli.export:export",
    "generate": "persona_assets.cli.generate:generate",
    "list": "persona_assets.cli.listing:list_keys",
    "push": "persona_assets.cli.push:push",
    "report": "persona_assets.cli.report:report",
    "restore": "persona_assets.cli.retire:restore_keys",
    "retire": "persona_assets.cli.retire:retire_keys",
    "show": "persona_assets.cli.show:show",
    "status": "persona_assets.cli.status:status",
    "train-set": "persona_assets.cli.train_set:train_set",
    "verify": "persona_assets.cli.status:verify_outputs",
}
"""Each as ``module:name``."""
