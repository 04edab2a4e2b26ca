"""How every key stands, as the catalogue says."""

from collections.abc import Mapping

from persona_assets.collection.catalogue import read_catalogue
from persona_assets.keys import DatasetKey
from persona_assets.report.key_page import Standing
from persona_assets.workspace import Workspace


def read_standings(workspace: Workspace) -> Mapping[DatasetKey, Standing]:
    """The state of every key in ``persona_catalogue.json``, with its reason.

    Raises:
        MissingInputError: the catalogue was never made.
        InconsistentOutputError: it is damaged; the message says where.
    """
    catalogue = read_catalogue(workspace)
    return {DatasetKey.parse(key): Standing(entry.state.value, entry.reason) for key, entry in catalogue.keys.items()}
