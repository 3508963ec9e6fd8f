"""`Denoiser`: a network that predicts noise, velocity or data, called with labels and guidance.

It takes tensors or NumPy arrays; what little differs between the two is here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_whole, detached, real_array
from latentwidgets.common.memory import is_out_of_memory
from latentwidgets.common.wording import brief, raised
from latentwidgets.errors import DecodeError, LatentTypeError, LatentValueError, LatentWidgetsError
from latentwidgets.kinds.reading.containers import array_in, is_array
from latentwidgets.kinds.reading.ranges import warn_guess

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

__all__ = [
    "Denoiser",
    "added",
    "cast",
    "copied",
    "is_finite",
    "is_plain",
    "like",
    "single",
    "stacked",
]


def like(x: Any, array: NDArray[Any]) -> Any:
    """Put an array where x is: a tensor on the same device, if x is one."""
    if isinstance(x, np.ndarray):
        return array
    import torch

    return torch.from_numpy(array).to(x.device)


def single(x: Any) -> Any:
    """Give x in single precision at least: half is too coarse to add up steps in."""
    if isinstance(x, np.ndarray):
        return x.astype(np.float32) if x.dtype == np.float16 else x
    if x.element_size() >= 4:
        return x
    return x.float()


def is_plain(x: Any) -> bool:
    """Say whether x holds numbers: not where a derivative is taken, or a network only traced."""
    if isinstance(x, np.ndarray):
        return True
    import torch

    try:
        x.untyped_storage()
    except NotImplementedError:
        return False
    return type(x) is torch.Tensor


def cast(x: Any, dtype: Any) -> Any:
    """Give x in another precision."""
    return x.astype(dtype) if isinstance(x, np.ndarray) else x.to(dtype)


def copied(x: Any) -> Any:
    """Copy an array or a tensor."""
    return x.copy() if isinstance(x, np.ndarray) else x.clone()


def added(one: Any, other: Any, times: float) -> Any:
    """Add a number times another to one, of tensors at once."""
    return one + times * other if isinstance(one, np.ndarray) else one.add(other, alpha=times)


def joiner(x: Any) -> Callable[[list[Any]], Any]:
    """Give what puts batches such as x into one."""
    if isinstance(x, np.ndarray):
        return np.concatenate
    import torch

    return torch.cat


def stacked(arrays: Sequence[Any]) -> Any:
    """Make one array of several."""
    if isinstance(arrays[0], np.ndarray):
        return np.stack(arrays)
    import torch

    return torch.stack([*arrays])


def is_finite(x: Any) -> bool:
    """Say whether all numbers are finite."""
    if isinstance(x, np.ndarray):
        return bool(np.isfinite(x).all())
    return bool(x.isfinite().all())


class Denoiser:
    """Calls a network, with labels in the form that it takes, and guided by what it gives without.

    Parameters
    ----------
    denoise : callable
        ``denoise(x, t)``, or with classes ``denoise(x, t, label)``.
    shape : tuple of int
        The shape of one x.
    numbers : range, optional
        The numbers of the classes, where there are any.
    null : int or array_like, optional
        What stands for no class: a number, where labels are numbers; a row of zeros, where they are
        one-hot.

    Raises
    ------
    LatentTypeError, LatentValueError
        If `null` is neither, or does not fit the classes.
    """

    def __init__(
        self,
        denoise: Callable[..., Any],
        shape: tuple[int, ...],
        numbers: range | None = None,
        null: Any = None,
    ) -> None:
        if not callable(denoise):
            raise LatentTypeError(
                f"denoise is a {type(denoise).__name__}; expected a network, or a function "
                "denoise(x, t), or denoise(x, t, label)."
            )
        self._denoise, self._numbers = denoise, numbers
        self.shape = shape
        # Whether labels are one-hot; None where only the network will tell.
        self._one_hot: bool | None = None
        self._null: Any = None
        if null is not None:
            self._take_null(null)

    @property
    def can_guide(self) -> bool:
        """Whether the network can be asked without a class."""
        return self._null is not None

    def ready(
        self, x: Any, classes: NDArray[np.int64] | None, guidance: NDArray[np.float32]
    ) -> Callable[[Any, Any], Any]:
        """Make labels for some rows, and give what predicts for them, step after step.

        Parameters
        ----------
        x : ndarray or Tensor
            ``(n, *shape)``.
        classes : ndarray or None
            Numbers of classes, ``(n,)``.
        guidance : ndarray
            ``(n,)``: how far to go from the prediction without a class to that with one, and on.

        Returns
        -------
        callable
            Takes x and t, float32 ``(n,)``, and returns what is predicted, ``(n, *shape)``; raises
            a DecodeError if the network raises, or returns something else. The network gets a copy
            of t: it may write into what it is told.

        References
        ----------
        Ho & Salimans 2022, "Classifier-free diffusion guidance" (arXiv 2207.12598), with their
        weight 0 at 1 here: 1 is the network as it was trained, 0 the network without a class.
        """
        if classes is None or self._numbers is None:
            return lambda x, t: self._ask(x, copied(t))
        labels, strengths = self._labels(x, classes), {*guidance.tolist()}
        if not self.can_guide or strengths == {1.0}:
            return lambda x, t: self._ask(x, copied(t), labels)
        nothing = self._nothing(x)
        if strengths == {0.0}:
            return lambda x, t: self._ask(x, copied(t), nothing)
        join = joiner(x)
        count, both = len(labels), join([labels, nothing])
        weight = like(x, guidance.reshape(-1, *(1,) * len(self.shape)))
        same = strengths.pop() if len(strengths) == 1 else None

        def guided(x: Any, t: Any) -> Any:
            out = single(self._ask(join([x, x]), join([t, t]), both))
            given, without = out[:count], out[count:]
            if same is not None:
                return added(without, given - without, same)
            return without + weight * (given - without)

        return guided

    def settle(self, x: Any, t: Any) -> Any:
        """Ask once, so that faults show where the network is given, and find the form of labels.

        Warns
        -----
        GuessWarning
            If the network takes labels in two forms, and nothing says which it means.
        """
        if self._numbers is None:
            out = self._ask(x, t)
        else:
            classes = np.resize(np.array(self._numbers, np.int64), len(x))
            try:
                out = self._settle_labels(x, t, classes)
            except DecodeError as error:
                tells = self.can_guide and not self._one_hot and not is_out_of_memory(error)
                if not (tells and self._takes_one_hot(x, t, classes)):
                    raise
                raise DecodeError(
                    f"denoise takes class labels one-hot, and null is {self._null}, a number; "
                    f"expected a row of zeros: null=[0] * {len(self._numbers)}."
                ) from None
            if self.can_guide:
                self._ask(x, t, self._nothing(x))
        if not is_finite(out):
            raise DecodeError(
                "denoise gave NaN or infinity for standard normal noise at the first step; "
                "expected finite numbers. Are its weights loaded, and its dtype wide enough?"
            )
        return out

    def _settle_labels(self, x: Any, t: Any, classes: NDArray[np.int64]) -> Any:
        if self._one_hot is not None:
            return self._ask(x, t, self._labels(x, classes))
        outs: dict[bool, Any] = {}
        refusals: list[DecodeError] = []
        for one_hot in (False, True):
            self._one_hot = one_hot
            try:
                outs[one_hot] = self._ask(x, t, self._labels(x, classes))
            except DecodeError as error:
                if is_out_of_memory(error):  # which says nothing of the form
                    self._one_hot = None
                    raise
                refusals.append(error)
        if not outs:
            self._one_hot = None
            raise refusals[0]
        if not refusals:
            warn_guess(
                "denoise takes class labels as whole numbers and one-hot; whole numbers were "
                "taken. Say what stands for no class, which tells: null=..., a number or a row of "
                "zeros; or pass a function that makes labels of numbers: denoise=lambda x, t, "
                "label: ...."
            )
        self._one_hot = False not in outs
        return outs[self._one_hot]

    def _takes_one_hot(self, x: Any, t: Any, classes: NDArray[np.int64]) -> bool:
        self._one_hot = True
        try:
            self._ask(x, t, self._labels(x, classes))
        except DecodeError as error:
            if is_out_of_memory(error):
                raise
            return False
        finally:
            self._one_hot = False
        return True

    def _take_null(self, null: Any) -> None:
        assert self._numbers is not None
        off = detached(null, "null")
        count = len(self._numbers)
        if np.ndim(off) == 0:
            number = off.item() if hasattr(off, "item") else off
            self._null, self._one_hot = check_whole(number, "null", least=-(2**31)), False
            if self._null in self._numbers:
                way = f"Classes that begin later are a range: classes=range(1, {count + 1})."
                if self._null == self._numbers[-1] and count > 1:
                    rest = self._numbers[:-1]
                    less = count - 1 if rest == range(count - 1) else rest
                    way = f"If the last is for none, leave it out: classes={less}, or a name fewer."
                raise LatentValueError(
                    f"null is {self._null}, the number of a class; expected another number, of no "
                    f"class. {way}"
                )
            return
        row = real_array(off, "null").astype(np.float32)
        if row.shape != (count,) or row.any():
            raise LatentValueError(
                f"null is {brief(row.tolist())}; expected a number, or where labels are one-hot a "
                f"row of {count} zeros, one for each class. Where no class is something else, pass "
                "a function that makes it: denoise=lambda x, t, label: ...."
            )
        self._null, self._one_hot = row, True

    def _labels(self, x: Any, classes: NDArray[np.int64]) -> Any:
        """Write classes as the network takes them."""
        assert self._numbers is not None
        if not self._one_hot:
            return like(x, classes)
        numbers = self._numbers
        rows = classes[:, np.newaxis] == np.arange(numbers.start, numbers.stop, numbers.step)
        other = classes[~rows.any(axis=1)]
        if len(other):  # whose rows of zeros would stand for no class
            raise DecodeError(
                f"class is {other[0]}; the network has labels {_span(numbers)}. Make the "
                "space with choices of these."
            )
        return cast(like(x, rows.astype(np.float32)), x.dtype)

    def _nothing(self, x: Any) -> Any:
        """Write that there is no class, for each x."""
        if self._one_hot:
            return cast(like(x, np.repeat(self._null[np.newaxis], len(x), axis=0)), x.dtype)
        return like(x, np.full(len(x), self._null, np.int64))

    def _ask(self, x: Any, t: Any, *labels: Any) -> Any:
        try:
            out = self._denoise(x, t, *labels)
        except LatentWidgetsError:
            raise
        except Exception as error:
            if is_out_of_memory(error):  # which says nothing of how it is called
                raise DecodeError(f"denoise raised {raised(error)}") from error
            raise DecodeError(
                f"denoise raised {raised(error)}. "
                f"{_beyond(error, t, *labels)}{self._without_labels(error, labels)}"
                f"{self._what_it_got(x, t, *labels)}"
            ) from error
        if type(out) is not type(x):
            out = self._array_in(out, x)
        if out.shape != x.shape:
            raise DecodeError(
                f"denoise returned shape {tuple(out.shape)} for x of shape {tuple(x.shape)}; "
                "expected the same. Of a network that predicts variances too, take the first half: "
                f"denoise=lambda x, t{', label' * len(labels)}: net(x, t{', label' * len(labels)})"
                f"[:, :x.shape[1]]. {self._what_it_got(x, t, *labels)}"
            )
        return out

    def _array_in(self, out: Any, x: Any) -> Any:
        """Find the array in what the network gave, such as libraries wrap predictions in."""
        if is_array(out):
            return out
        shape = self.shape
        out = array_in(out, len(x), source="denoise", expected=shape, stack=stacked).value
        if not is_array(out):
            raise DecodeError(
                f"denoise returned a {type(out).__name__}; expected an array or a tensor of shape "
                f"{tuple(x.shape)}."
            )
        return out

    def _without_labels(self, error: Exception, labels: tuple[Any, ...]) -> str:
        """Say how it gets labels, where it was called without and lacks an argument."""
        lacks = isinstance(error, TypeError) and "missing" in str(error)
        if labels or self._numbers is not None or not lacks:
            return ""
        return (
            "It was passed no label, as there are no classes: if that is what it lacks, pass "
            "classes=... to the Sampler, their names or how many there are. "
        )

    def _what_it_got(self, x: Any, t: Any, *labels: Any) -> str:
        names = ("x", "t", "label")
        got = ", ".join(
            f"{name} {str(one.dtype).removeprefix('torch.')} {tuple(one.shape)}"
            for name, one in zip(names, (x, t, *labels), strict=False)
        )
        called = ", ".join(names[: 2 + len(labels)])
        inside = called.replace("t", "t.long()", 1)
        kind = "arrays" if isinstance(x, np.ndarray) else "tensors"
        return (
            f"(It got {kind}: {got}. If it takes times or labels otherwise, pass a function that "
            f"makes them so, such as denoise=lambda {called}: net({inside}), or "
            "t[:, None, None, None] in the place of t.)"
        )


def _span(numbers: range) -> str:
    steps = f" in steps of {numbers.step}" if numbers.step > 1 else ""
    return f"from {numbers[0]} to {numbers[-1]}{steps}"


def _beyond(error: Exception, t: Any, *labels: Any) -> str:
    """Say which numbers were passed, where one of them was no place in a table."""
    beyond = any(words in str(error) for words in ("out of range", "out of bounds"))
    if not isinstance(error, IndexError) and not beyond:
        return ""
    numbers = [f"t from {float(t.min()):g} to {float(t.max()):g}"]
    for label in labels:
        if label.ndim == 1:
            numbers.append(f"labels from {int(label.min())} to {int(label.max())}")
    return (
        f"It was passed {' and '.join(numbers)}. If its table of times ends before, pass the betas "
        "that it was trained with as schedule; if that of labels does, another null or classes. "
    )
