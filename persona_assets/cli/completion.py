"""``persona-assets completion``: the script that lets a shell complete commands, options, keys and models."""

import click
from click.shell_completion import get_completion_class

PROGRAM = "persona-assets"
VARIABLE = "_PERSONA_ASSETS_COMPLETE"
"""By which click is told, in the environment, to complete instead of running."""
SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what makes a shell complete commands, options, keys and models.

    \b
    bash: eval "$(persona-assets completion bash)"     in ~/.bashrc
    zsh:  eval "$(persona-assets completion zsh)"      in ~/.zshrc, after compinit
    fish: persona-assets completion fish | source      in ~/.config/fish/config.fish
    """
    complete = get_completion_class(shell)
    if complete is None:
        raise click.ClickException(f"this version of click cannot complete for {shell}; upgrade click")
    click.echo(complete(context.find_root().command, {}, PROGRAM, VARIABLE).source())
