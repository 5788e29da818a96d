"""The command line: everything the pages can do, by hand and for scripts.

Owns: nothing; commands call the rooms' handlers in this process, in transactions of their own.
Never: imports a command, or anything heavy, before it is asked for; prints a traceback for a named error; takes a
secret as the value of an option.
"""

import sys
from collections.abc import Sequence

from pulse.cli.entry import pulse
from pulse.cli.output import exit_code_of


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `pulse` with the arguments of the process (or those given) and end it with the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        result = pulse.main(words, prog_name="pulse", standalone_mode=False)
    except Exception as error:
        sys.exit(exit_code_of(error, json="--json" in words))
    # Click hands back the code of `ctx.exit(code)`, and None or a command's own value otherwise.
    sys.exit(result if isinstance(result, int) else 0)
