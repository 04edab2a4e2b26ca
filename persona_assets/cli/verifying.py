"""Every output compared with its manifest, and what came of it."""

from rich.console import Console
from rich.markup import escape

from persona_assets.collection.byte_comparison import verify
from persona_assets.settings import load_settings
from persona_assets.workspace import Workspace


def verify_all() -> int:
    """Compare every output byte for byte, print the differences; return the exit code."""
    settings, console = load_settings(), Console()
    result = verify(Workspace.of(settings), settings.workers)
    for damage in result.damages:
        console.print(f"[red]not as recorded[/] {escape(str(damage))}", soft_wrap=True)
    if result.caches:
        files = f"{result.caches:,} cache file{'s' * (result.caches != 1)} of the datasets library"
        console.print(f"{files}, {result.cache_bytes / 1e6:,.1f} MB, left alone")
    console.print(
        f"{result.keys:,} keys, {result.files:,} files, {result.size_bytes:,} bytes as recorded; "
        f"{len(result.damages):,} problems"
    )
    return 1 if result.damages else 0
