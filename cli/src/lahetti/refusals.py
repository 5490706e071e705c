"""What the command says instead of a traceback."""

from typing import Literal

ExitCode = Literal[1, 2, 3]

FAILED: ExitCode = 1
BAD_INPUT: ExitCode = 2
ENVIRONMENT_MISSING: ExitCode = 3

EXIT_CODES = "Exit codes: 0 done, 1 failed, 2 wrong usage or bad input, 3 the environment lacks something."


class Refused(Exception):  # noqa: N818 - it is not an error of ours, it is the answer
    """The command cannot do it. `lines` tell why and what to do, one problem a line."""

    def __init__(self, *lines: str, exit_code: ExitCode = FAILED) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines
        self.exit_code: ExitCode = exit_code
