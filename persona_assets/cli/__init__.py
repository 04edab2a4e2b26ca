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
    except KeyboardInterrupt:
        sys.stderr.write(f"{describe_stop()}\n")
    return 1
