"""The lock of a model: one thread at a time runs it, whichever spaces it is in."""

from __future__ import annotations

import functools
import threading
import time
from contextlib import contextmanager, nullcontext
from enum import Enum
from types import ModuleType
from typing import TYPE_CHECKING, TypeVar

from latentwidgets.common.forks import in_child, prepare_to_decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from typing import Any

__all__ = [
    "ModelCaller",
    "ModelLock",
    "Rank",
    "called_by_person",
    "calling_as",
    "models_of",
    "seconds_to_hold_back",
]

# Idle work begins again so long after a call of the person's own: a cell that decodes in a loop
# does something else between two calls, and would wait for a piece of idle work each time.
HOLD_BACK_SECONDS = 0.2

Argument = TypeVar("Argument")
Result = TypeVar("Result")


class ModelCaller:
    """Base of the classes through which adapters call models.

    Attributes
    ----------
    models : tuple of object
        The models that are called: one thread at a time may run any of them.
    settings : tuple of str
        The attributes that a person chose and that bear on what comes out, as plain JSON values.
    called : str
        How a person calls the decoder of their model.
    """

    called = "model.decode"
    models: tuple[object, ...] = ()
    settings: tuple[str, ...] = ()


def models_of(*functions: object) -> tuple[object, ...]:
    """Find the models that functions run.

    Parameters
    ----------
    *functions : callable or None
        A method runs the object that it is a method of; where that is a `ModelCaller`, the models
        that it calls. Any other function is a model itself. None is left out.

    Returns
    -------
    tuple of object
        The models, each once.

    Examples
    --------
    >>> models_of([3, 1].sort, None, abs)
    ([3, 1], <built-in function abs>)
    """
    found: dict[int, object] = {}
    for function in functions:
        while isinstance(function, functools.partial):
            function = function.func
        owner = getattr(function, "__self__", None)
        if owner is None or isinstance(owner, ModuleType):  # abs.__self__ is a module
            owner = function
        models = owner.models if isinstance(owner, ModelCaller) else (owner,)
        found.update((id(model), model) for model in models if model is not None)
    return tuple(found.values())


class Rank(Enum):
    """What a thread calls models for."""

    PERSON = "a person's own code, such as a cell"
    PAGE = "what a page waits for"
    IDLE = "what may be wanted later"


def _rank() -> Rank:
    rank: Rank = getattr(_threads, "rank", Rank.PERSON)
    return rank


def called_by_person() -> bool:
    """Tell whether this thread runs a person's own code, and nothing for a page or ahead.

    Examples
    --------
    >>> with calling_as(Rank.IDLE):
    ...     called_by_person()
    False
    """
    return _rank() is Rank.PERSON


def _before_calls() -> Callable[[], object] | None:
    found: Callable[[], object] | None = getattr(_threads, "before_calls", None)
    return found


@contextmanager
def calling_as(rank: Rank, before_calls: Callable[[], object] | None = None) -> Iterator[None]:
    """Have this thread call models for something else than a person's own code.

    Idle calls wait until nobody else does. See also `seconds_to_hold_back`.

    Parameters
    ----------
    rank : Rank
        What for.
    before_calls : callable, optional
        Called before each call of a model, while this thread runs none: it may do what is more
        urgent, and call models for that.

    Examples
    --------
    >>> with calling_as(Rank.IDLE):
    ...     ModelLock((abs,)).run(abs, -3)
    3
    """
    before = _rank(), _before_calls()
    _threads.rank, _threads.before_calls = rank, before_calls
    try:
        yield
    finally:
        _threads.rank, _threads.before_calls = before


def seconds_to_hold_back() -> float:
    """Say how long idle work should wait before it looks again: 0 where it may begin.

    It holds back as long as a person's own code calls any model, and a little longer.
    """
    return _turns.seconds_to_hold_back()


class ModelLock:
    """Lets one thread at a time run some models, in the order in which they ask, idle ones last.

    Nothing is kept with the models: a table says which models are running now, and which threads
    wait for which. So any object can be a model, and all locks of one model are as one. A thread
    that runs a model may run it again from inside, as a decoder does that calls another space.

    Parameters
    ----------
    models : tuple of object
        The models.
    beside : tuple of object
        Others that must not run at the same time. A copy of the lock leaves them out.

    Examples
    --------
    >>> ModelLock((abs,)).run(abs, -3)
    3
    """

    def __init__(self, models: tuple[object, ...] = (), beside: tuple[object, ...] = ()) -> None:
        self.models = models
        self._beside = beside

    def run(self, function: Callable[[Argument], Result], argument: Argument) -> Result:
        """Call a function while no other thread runs one of the models."""
        before_call = _before_calls()
        if before_call is not None and not _turns.runs_here():
            before_call()
        turn = _Turn(self.models + self._beside)
        try:
            _turns.take(turn)
            prepare_to_decode()
            return function(argument)
        finally:
            try:
                _turns.leave(turn)
            except BaseException:  # of an interrupt, which must leave nobody waiting for ever
                _turns.leave(turn)
                raise

    def run_on(
        self,
        function: Callable[[Argument], bool],
        argument: Argument,
        held: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        """Call a function again and again until it returns False, each call as `run` makes it.

        Others get in between two calls. Where nobody waits, the models are not let go of and taken
        again, which takes longer than a step of a small model.

        Parameters
        ----------
        function : callable
            What is called.
        argument : object
            With what.
        held : callable
            Gives a context for calls between which nobody gets in.

        Examples
        --------
        >>> numbers = [3, 2, 1, 0]
        >>> ModelLock().run_on(lambda some: some.pop(0) > 1, numbers)
        >>> numbers
        [0]
        """
        nothing_between = _before_calls() is None

        def run(argument: Argument) -> bool:
            with held():
                goes_on = function(argument)
                while goes_on and nothing_between and not _turns.others_wait():
                    goes_on = function(argument)
            return goes_on

        while self.run(run, argument):
            pass

    def joined(self, other: ModelLock) -> ModelLock:
        """Return a lock of these models that also waits for those of another lock."""
        mine = {id(model) for model in self.models}
        beside = (model for model in other.models + other._beside if id(model) not in mine)
        return ModelLock(self.models, tuple(beside))

    def __reduce__(self) -> tuple[Any, ...]:
        return ModelLock, (self.models,)


class _Turn:
    """One call of models by one thread, from when it is asked for until it ends."""

    def __init__(self, models: tuple[object, ...]) -> None:
        self.models = models
        self.thread, self.rank = threading.get_ident(), _rank()
        # Locked as long as the turn has to wait; None where it never had to.
        self.gate: threading.Lock | None = None

    def shares_models_with(self, other: _Turn) -> bool:
        return any(mine is theirs for mine in self.models for theirs in other.models)


class _Turns:
    """Who runs which models now, and who waits: the longest wait first, idle ones last."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._running: list[_Turn] = []
        self._waiting: list[_Turn] = []
        self._persons_last = -float("inf")  # when a person's own code last called a model

    def seconds_to_hold_back(self) -> float:
        with self._changing:
            if any(turn.rank is Rank.PERSON for turn in (*self._running, *self._waiting)):
                return HOLD_BACK_SECONDS
            return max(0.0, self._persons_last + HOLD_BACK_SECONDS - time.monotonic())

    def others_wait(self) -> bool:
        """Tell whether any thread waits for any models; one that has just come may be missed."""
        return bool(self._waiting)

    def runs_here(self) -> bool:
        """Tell whether this thread runs a model."""
        with self._changing:
            return any(turn.thread == threading.get_ident() for turn in self._running)

    def take(self, turn: _Turn) -> None:
        """Wait until the models of a turn are free."""
        with self._changing:
            ahead = [other for other in self._waiting if other.rank is not Rank.IDLE]
            place = len(self._waiting) if turn.rank is Rank.IDLE else len(ahead)
            if self._may_run(turn, self._waiting[:place]):
                self._running.append(turn)
                return
            turn.gate = threading.Lock()
            turn.gate.acquire()
            self._waiting.insert(place, turn)
        turn.gate.acquire()

    def leave(self, turn: _Turn) -> None:
        """End a turn, also one that still waits, and let in those that it kept waiting.

        Done again after it was interrupted, it finishes what it had begun.
        """
        with self._changing:
            if turn.rank is Rank.PERSON:
                self._persons_last = time.monotonic()
            self._running = [other for other in self._running if other is not turn]
            still_waiting: list[_Turn] = []
            for other in self._waiting:
                if other is turn or other in self._running:
                    continue
                turns = self._running if self._may_run(other, still_waiting) else still_waiting
                turns.append(other)
            self._waiting = still_waiting
            for other in self._running:
                if other.gate is not None and other.gate.locked():
                    other.gate.release()

    def _may_run(self, turn: _Turn, ahead: list[_Turn]) -> bool:
        """Tell whether the models of a turn are free, and nobody ahead waits for them."""
        others = [other for other in self._running if other.thread != turn.thread]
        if len(others) == len(self._running):
            others += ahead
        # A thread that runs a model already does not queue: those ahead may wait for that model.
        return not any(other.shares_models_with(turn) for other in others)


_threads = threading.local()
_turns = _Turns()


def _forget_turns() -> None:
    """Start anew in the child of a fork, in which the other threads are no more."""
    global _turns
    _turns = _Turns()


in_child(_forget_turns)
