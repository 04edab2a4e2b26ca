"""The command line."""

import sys

from persona_assets.cli.signals import describe_stop, ignore_signals, received_signal, watch_signals

SIGNALLED = 128
"""What a shell adds to the number of the signal that ended a program."""


def main() -> None:
    """Run the command that the arguments name, and exit: with 130 if Ctrl-C cut it short, with 143 if SIGTERM did."""
    watch_signals()
    code = _exit_code()
    signalled = received_signal()
    if signalled:
        ignore_signals()
    sys.exit(SIGNALLED + signalled if signalled and code else code)


def _exit_code() -> int | str | None:
    try:
        from persona_assets.cli.commands import commands  # takes seconds, which a signal may fall into

        commands()
    except SystemExit as end:
        return end.code
    except KeyboardInterrupt:
        sys.stderr.write(f"{describe_stop()}\n")
    return 1
