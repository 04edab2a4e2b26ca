"""``persona-assets doctor``: what is set up, what is not, and what to do about it."""

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of lines.")
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Look at settings, raw root, tokenizers, disk, Dagster's home, versions and leftovers, and say what to do.

    Leaves nothing behind and fetches nothing. Exits with 1 if there is a problem; warnings alone are no problem.
    """
    from persona_assets.cli.doctor_report import report_findings  # Dagster takes seconds to import

    context.exit(report_findings(as_json=as_json))
