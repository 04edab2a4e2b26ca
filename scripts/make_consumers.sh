#!/usr/bin/env bash
# Makes two virtual environments with the programs that read what persona_assets exports: scripts/make_consumers.sh FOLDER
# FOLDER/current has the trainers of today, FOLDER/older those that need older libraries. They take 3 GB.
set -euo pipefail
mkdir -p "${1:?usage: make_consumers.sh FOLDER}"
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."

make_environment() { # NAME REQUIREMENTS
  local environment="$folder/$1" requirements="$2"
  [ -x "$environment/bin/python" ] || "${PYTHON:-python3}" -m venv "$environment"
  # torch brings what its build for this machine needs; all else is pinned, in versions that their authors did not foresee.
  "$environment/bin/python" -m pip install --quiet --disable-pip-version-check "$(grep '^torch==' "$requirements")"
  "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement "$requirements"
}

make_environment current .ci/consumers.txt
make_environment older .ci/older_consumers.txt
