"""Pages from templates: everything escaped, all in one file, and a policy under which nothing else can run."""

import base64
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import msgspec
from markupsafe import Markup

FOLDER = Path(__file__).parent
TABLE = ("vendor/tabulator.min.js", "vendor/tabulator.min.css")
CURVES = ("vendor/uplot.min.js", "vendor/uplot.min.css")
GENERATOR = "persona_assets report"
"""What every page names as its maker; only such pages are ever removed."""
_BREAKING_OUT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def render(template: str, parts: Sequence[str], data: object = None, **shown: Any) -> str:
    """Render a page.

    Args:
        parts: the scripts and styles that it holds, by path in this package.
        data: what its scripts read, as JSON.
    """
    scripts = tuple(part for part in parts if part.endswith(".js"))
    styles = (*(part for part in parts if part.endswith(".css")), "templates/style.css")
    return (
        _environment()
        .get_template(template)
        .render(
            shown,
            generator=GENERATOR,
            policy=_write_policy(scripts, styles),
            scripts=[_load(script) for script in scripts],
            styles=[_load(style) for style in styles],
            data=None if data is None else encode_json(data),
        )
    )


def encode_json(data: object) -> Markup:
    """``data`` as JSON in ASCII that an HTML parser reads as text, whatever it holds."""
    text = json.dumps(msgspec.to_builtins(data, str_keys=True), separators=(",", ":"))
    return Markup(text.translate(_BREAKING_OUT))


@cache
def fingerprint_code() -> str:
    """A hash over everything that pages are made by: equal files and an equal hash give equal pages."""
    digest = hashlib.sha256()
    for path in sorted(path for path in FOLDER.rglob("*") if path.is_file() and path.suffix != ".pyc"):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def _load(part: str) -> Markup:
    return Markup((FOLDER / part).read_text(encoding="utf-8"))


def _write_policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    return (
        f"default-src 'none'; script-src {_hash_all(scripts) or _NONE}; style-src {_hash_all(styles)}; "
        "img-src 'self' data:; base-uri 'none'; form-action 'none'"
    )


_NONE = "'none'"


@cache
def _hash_all(parts: Sequence[str]) -> str:
    digests = [base64.b64encode(hashlib.sha256(_load(part).encode()).digest()).decode() for part in parts]
    return " ".join(f"'sha256-{digest}'" for digest in digests)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= _FILTERS
    return environment


def _number(value: float | None, digits: int = 0) -> str:
    """Halves are rounded up, as browsers do, so that a number is the same on every page."""
    if value is None:
        return "–"  # noqa: RUF001 - nothing to count
    return f"{math.floor(value * 10**digits + 0.5) / 10**digits:,.{digits}f}"


def _share(part: float | None, whole: float) -> str:
    """A share that says 0 % and 100 % only where it is exactly that."""
    if part is None or not whole:
        return "–"  # noqa: RUF001
    percent = 100 * part / whole
    if 0 < percent < 1 or 99 < percent < 100:
        return f"{percent:.1f} %" if 0.1 <= percent <= 99.9 else ("< 0.1 %" if percent < 1 else "> 99.9 %")
    return f"{percent:.0f} %"


def _signed(value: float, digits: int = 0) -> str:
    return "±0" if not round(value, digits) else f"{value:+,.{digits}f}".replace("-", "−")  # noqa: RUF001 - a minus


_FILTERS: Mapping[str, Any] = {"number": _number, "share": _share, "signed": _signed}
