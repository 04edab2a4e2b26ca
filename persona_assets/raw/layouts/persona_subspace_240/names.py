"""What persona-subspace calls its folders and files."""

from persona_assets.kinds import KINDS, ROLE, TRAIT
from persona_assets.raw.strays import Signs

FOLDERS = {ROLE.name: "roles_240", TRAIT.name: "traits_240"}
KINDS_BY_FOLDER = {folder: KINDS[kind] for kind, folder in FOLDERS.items()}
RESPONSES, SCORES = "responses", "extract_scores"
PLACES = (RESPONSES, SCORES)
RESPONSE_SUFFIX, SCORE_SUFFIX = ".jsonl", ".json"
SUFFIXES = (RESPONSE_SUFFIX, SCORE_SUFFIX)
SIGNS = Signs(
    place=f"{{model}}/{{{'|'.join(KINDS_BY_FOLDER)}}}/{{{'|'.join(PLACES)}}}/",
    suffixes=SUFFIXES,
    stems=("role", "trait", "respons", "score"),
)
