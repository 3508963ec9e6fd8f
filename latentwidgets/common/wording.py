"""Words for messages: a value in short, and the name that was meant."""

from __future__ import annotations

import difflib
import math
import reprlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

__all__ = [
    "brief",
    "hint",
    "listed",
    "near_miss",
    "prompt_words",
    "raised",
    "repeating",
    "said",
    "short",
    "two_digits",
]

# How many letters of a text a message shows, how many entries of a list, and letters of all of it.
LETTERS, ENTRIES, MOST_LETTERS = 80, 6, 160
# How many letters of what somebody else's error says: with what stands around it, such as the way
# out at its end, a page shows the message whole.
MOST_SAID = 600


def brief(value: object) -> str:
    """Write a value for a message: short, whatever it is.

    Parameters
    ----------
    value : object
        What was given: perhaps a whole text, a long list, or an object whose ``repr`` raises.

    Returns
    -------
    str
        Its ``repr``, with what is too long left out; of a table, its type.

    Examples
    --------
    >>> brief("slerp"), len(brief("x" * 10**6)), brief(list(range(10**6)))
    ("'slerp'", 80, '[0, 1, 2, 3, 4, 5, ...]')
    """
    try:
        text = _brief.repr(value)
    except Exception:  # a number of too many digits, or a `repr` that raises
        text = f"<{type(value).__name__}>"
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 3]}..."


def short(text: str) -> str:
    """Cut a text that is too long to show.

    Examples
    --------
    >>> short("smile"), len(short("x" * 10**6))
    ('smile', 80)
    """
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 3]}..."


def said(error: BaseException) -> str:
    """Give what an error of somebody else's says, for a message.

    Parameters
    ----------
    error : exception
        What was raised; its text may be megabytes, such as an array or a whole program.

    Returns
    -------
    str
        Its text; of a very long one the beginning and the end. Its type's name where it says
        nothing, or its ``__str__`` raises.

    Examples
    --------
    >>> said(ValueError("no")), said(ValueError())
    ('no', 'ValueError')
    >>> len(said(ValueError("x" * 10**7)))
    600
    """
    try:
        text = str(error)
    except Exception:  # an exception of a person's own may raise anything
        text = ""
    text = text if text.strip() else type(error).__name__
    if len(text) <= MOST_SAID:
        return text
    end = MOST_SAID // 3
    return f"{text[: MOST_SAID - end - 5]} ... {text[-end:]}"


def raised(error: BaseException) -> str:
    """Say in a clause what somebody else's code raised: its type, and what `said` gives.

    Examples
    --------
    >>> raised(OSError("the weights are gone.")), raised(ValueError())
    ('OSError: the weights are gone', 'ValueError')
    """
    name, words = type(error).__name__, said(error).strip().rstrip(".")
    return name if words == name else f"{name}: {words}"


class _Brief(reprlib.Repr):
    """As `reprlib.Repr`; but of what a notebook shows as a table, its type."""

    def repr_instance(self, x: Any, level: int) -> str:
        if hasattr(type(x), "_repr_html_") and "\n" in repr(x):
            return f"<{type(x).__name__}>"
        return super().repr_instance(x, level)


_brief = _Brief()
_brief.maxstring = _brief.maxother = _brief.maxlong = LETTERS
_brief.maxlist = _brief.maxtuple = _brief.maxdict = _brief.maxset = _brief.maxfrozenset = ENTRIES


def listed(rows: NDArray[np.intp]) -> str:
    """Name rows in words, five at most.

    Examples
    --------
    >>> listed(np.arange(7))
    'rows 0, 1, 2, 3, 4 and 2 more'
    """
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    return f"row{'s' if len(rows) > 1 else ''} {', '.join(map(str, rows[:5]))}{more}"


def repeating(name: str, shape: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    """Show the line that repeats an array along the axes that it lacks, to append to a message.

    Parameters
    ----------
    name : str
        What the array is called.
    shape : tuple of int
        The shape it has.
    wanted : tuple of int
        The shape it should have.

    Returns
    -------
    str
        The line, after a space; empty where the shape does not broadcast, is that already, or is
        a single number.

    Examples
    --------
    >>> repeating("w", (512,), (18, 512))
    ' To repeat it along the axes that it lacks, pass np.broadcast_to(w, (18, 512)).'
    >>> repeating("w", (500,), (18, 512))
    ''
    """
    try:
        fits = len(shape) <= len(wanted) and np.broadcast_shapes(shape, wanted) == wanted
    except (RuntimeError, TypeError, ValueError):  # the first of more axes than NumPy broadcasts
        fits = False
    fits = fits and shape != wanted and math.prod(shape) > 1
    line = f"np.broadcast_to({name}, {wanted})"
    return f" To repeat it along the axes that it lacks, pass {line}." if fits else ""


def near_miss(name: object, known: Iterable[str], *, alike: float = 0.6) -> str:
    """Ask whether a name that is much like the given one was meant, to append to a message.

    Parameters
    ----------
    name : object
        What was given.
    known : iterable of str
        The names there are.
    alike : float
        How much alike two names must be, from 0 to 1.

    Returns
    -------
    str
        The question, after a space; empty where no name is alike.

    Examples
    --------
    >>> near_miss("smlie", ["smile", "age"]), near_miss("hat", ["smile", "age"])
    (" Did you mean 'smile'?", '')
    """
    if not isinstance(name, str) or len(name) > LETTERS:  # a whole text would take minutes
        return ""
    near = difflib.get_close_matches(name, [*known], n=1, cutoff=alike)
    return f" Did you mean {near[0]!r}?" if near else ""


def hint(name: object, known: Sequence[str], *, most: int = 8) -> str:
    """Ask whether a name that is much like the given one was meant, or say which names there are.

    Examples
    --------
    >>> hint("smlie", ["smile", "age"]), hint("hat", ["smile", "age"])
    ("Did you mean 'smile'?", "There are 'smile', 'age'.")
    """
    if question := near_miss(name, known):
        return question.lstrip()
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return f"There are {', '.join(map(brief, known[:most])) or 'none yet'}{more}."


def two_digits(number: float) -> str:
    """Write a number with two digits that count.

    Examples
    --------
    >>> two_digits(0.1249), two_digits(1234.0)
    ('0.12', '1200')
    """
    return f"{float(f'{number:.2g}'):g}"


def prompt_words(prompt: Any) -> str:
    """Write a prompt on one line: a text, or the messages of a chat; empty where there is none.

    Examples
    --------
    >>> prompt_words([{"role": "user", "content": "Hello."}]), prompt_words(None)
    ('user: Hello.', '')
    """
    if isinstance(prompt, (list, tuple)):
        turns = [one for one in prompt if isinstance(one, dict)]
        prompt = " ".join(f"{one.get('role', '')}: {one.get('content', '')}" for one in turns)
    return " ".join(prompt.split()) if isinstance(prompt, str) else ""
