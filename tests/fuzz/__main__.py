"""Call all that is public with wrong arguments, and send widgets wrong messages.

    python -m tests.fuzz [--calls 10000] [--messages 10000] [--seed 0]
    python -m tests.fuzz --repeat call 123 [--seed 0]

It goes on where it stopped, unless the code has changed since. What it counts is printed, and for
each finding how to repeat it; all of it is in `test-results/fuzz-SEED.jsonl`. A finding is an
exception that is no `LatentWidgetsError` (of a file, no `OSError` either), what is silently wrong,
and what takes longer than a minute. It exits with 1 where something was found.
"""

from __future__ import annotations

import argparse
import sys
import traceback

from tests.fuzz import run, worker


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--calls", type=int, default=10_000, help="how many calls")
    parser.add_argument("--messages", type=int, default=10_000, help="how many messages")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--repeat", nargs=2, metavar=("WHAT", "NUMBER"), help="do one again")
    given = parser.parse_args()
    if given.repeat:
        what, number = given.repeat
        for outcome in worker.outcomes(what, given.seed, int(number), int(number) + 1):
            print(outcome.as_json())
            if outcome.error is not None:
                traceback.print_exception(outcome.error)
        return 0
    wanted = {"call": given.calls, "message": given.messages}
    try:
        return run.run(given.seed, wanted)
    except KeyboardInterrupt:
        print("\nStopped: the same command goes on from here.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
