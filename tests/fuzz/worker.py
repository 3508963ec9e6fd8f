"""The process that calls and sends: `run` starts one after the other, and watches it.

It writes a line before each call or message, and its outcome after it. Where one takes too long,
Python's own watchdog writes where each thread is, and ends the process.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import logging
import os
import resource
import sys
from collections.abc import Iterator

from tests.fuzz.messages import EACH, outcomes_of_messages
from tests.fuzz.outcome import LIMIT, Outcome, outcome_of_call

# Beyond this much memory there is none: what asks for a terabyte must not take the machine's.
MOST_MEMORY = 12 * 2**30


def outcomes(what: str, seed: int, first: int, last: int) -> Iterator[Outcome]:
    """Call, or send, what has these numbers."""
    if what == "message":
        yield from outcomes_of_messages(seed, first, last)
    else:
        for number in range(first, last):
            yield outcome_of_call(seed, number)


def main(what: str, seed: int, first: int, last: int, limit: float = LIMIT) -> None:
    """Write outcomes to standard output; what else is printed goes nowhere."""
    lines = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    logging.disable(logging.NOTSET)
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        for number in range(first, last):
            # Messages of one widget are sent one after the other.
            if what == "call" or number == first or number % EACH == 0:
                upto = number + 1 if what == "call" else number // EACH * EACH + EACH
                several = outcomes(what, seed, number, min(upto, last))
                for one in range(number, min(upto, last)):
                    lines.write(json.dumps({"begins": one}) + "\n")
                    faulthandler.dump_traceback_later(limit, exit=True)
                    lines.write(next(several).as_json() + "\n")
                for _ in several:  # which closes the widget
                    pass
                faulthandler.cancel_dump_traceback_later()


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
