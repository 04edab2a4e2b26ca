"""The command line."""

import sys

from persona_assets.cli.signals import describe_stop, ignore_signals, received_signal, watch_signals

SIGNALLED = 128
"""Added by a shell to the number of the signal that ended a program."""


def main() -> None:
    """Run the command given by the arguments and exit: with 130 after Ctrl-C, with 143 after SIGTERM."""
    watch_signals()
    code = _exit_code()
    signalled = received_signal()
    if signalled:
        ignore_signals()
    sys.exit(SIGNALLED + signalled if signalled and code else code)


def _exit_code() -> int | str | None:
    try:
        from persona_assets.cli.commands import commands  # takes seconds, in which a signal may arrive

        commands()
    except SystemExit as end:
        return end.code
    except (KeyboardInterrupt, Exception) as error:
        if not _comes_of_an_interruption(error):
            raise
        sys.stderr.write(f"{describe_stop()}\n")
    return 1


def _comes_of_an_interruption(error: BaseException | None) -> bool:
    """Say whether a signal is the reason. Python itself wraps what is raised in some places, such as the making of a
    class during an import.
    """
    while error and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None
