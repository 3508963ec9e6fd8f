"""The process that calls and sends: `run` starts one after the other, and watches it.

It writes a line before each call or message, and its outcome after it. Where one takes too much of
the processor's time, or waits for too long, it is written where each thread is, and the process
ends.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import logging
import math
import os
import resource
import signal
import sys
from collections.abc import Iterator

from tests.fuzz.messages import EACH, outcomes_of_messages
from tests.fuzz.outcome import LIMIT, PATIENCE, Outcome, outcome_of_call

# Beyond this much memory there is none: what asks for a terabyte must not take the machine's.
MOST_MEMORY = 12 * 2**30


def outcomes(what: str, seed: int, first: int, last: int) -> Iterator[Outcome]:
    """Call, or send, what has these numbers."""
    if what == "message":
        yield from outcomes_of_messages(seed, first, last)
    else:
        for number in range(first, last):
            yield outcome_of_call(seed, number)


def main(
    what: str,
    seed: int,
    first: int,
    last: int,
    limit: float = LIMIT,
    patience: float = PATIENCE,
) -> None:
    """Write outcomes to standard output; what else is printed goes nowhere."""
    faulthandler.register(signal.SIGXCPU, chain=True)
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
                    _allow(limit)
                    faulthandler.dump_traceback_later(patience, exit=True)
                    lines.write(next(several).as_json() + "\n")
                for _ in several:  # which closes the widget
                    pass
                faulthandler.cancel_dump_traceback_later()


def _allow(seconds: float) -> None:
    """Let this process have so much more of the processor's time; then it gets SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    upto = math.ceil(used.ru_utime + used.ru_stime + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (upto, resource.getrlimit(resource.RLIMIT_CPU)[1]))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
