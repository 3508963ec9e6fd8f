"""The fingerprint of a space: what has to be the same for a recipe to mean the same."""

from __future__ import annotations

import copy
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets._version import __version__
from latentwidgets.adapters.weights import libraries_of, weights_digest
from latentwidgets.common.wording import brief
from latentwidgets.kinds.shared.kind import Options
from latentwidgets.routes.route import digest_of
from latentwidgets.space.locks import ModelCaller
from latentwidgets.space.priors import NormalPrior

if TYPE_CHECKING:
    from collections.abc import Mapping

    from latentwidgets.space.condition import Condition
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["PARTS", "differences", "fingerprint_of"]

# What two fingerprints may differ in.
PARTS = ("latent_shape", "weights", "options", "conditions", "versions")


def fingerprint_of(space: LatentSpace) -> dict[str, Any]:
    """Say what a space is, in plain JSON values.

    Parameters
    ----------
    space : LatentSpace
        The space.

    Returns
    -------
    dict
        Its name; and `PARTS`: ``latent_shape``; ``weights``, a digest of all that was learned, None
        where none are found or they are on no device that can be read; ``options``, those that bear
        on what latents and outputs mean, the prompt among them;
        ``conditions``, with default and range or choices; ``versions`` of the libraries.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> found = fingerprint_of(lw.demo.digits().space)
    >>> found["latent_shape"], sorted(found["versions"])
    ([10], ['latentwidgets', 'numpy', 'torch'])
    """
    given = Options.among(space.options).given if space.options else {}
    options = {name: _plain(value) for name, value in sorted(given.items())}
    if space.layers:
        options["layers"] = list(space.layers)
    if space.prompt is not None:
        options["prompt"] = copy.deepcopy(space.prompt)
    owner = getattr(space.decoder, "__self__", None)
    if isinstance(owner, ModelCaller):
        options |= {name: getattr(owner, name) for name in owner.settings}
    libraries = {name: sys.modules[name].__version__ for name in libraries_of(space.decoder)}
    return {
        "name": space.name,
        "latent_shape": list(space.latent_shape),
        "weights": weights_digest(space.decoder),
        "options": {**options, "prior": _prior(space)},
        "conditions": {name: _condition(one) for name, one in space.conditions.items()},
        "versions": {"latentwidgets": __version__, "numpy": np.__version__, **libraries},
    }


def differences(was: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, str]:
    """Say in which parts two fingerprints differ, and how.

    Parameters
    ----------
    was, now : mapping
        What `fingerprint_of` gives: that of a recipe, and that of a space.

    Returns
    -------
    dict of str to str
        A few words for each of `PARTS` that differs.

    Examples
    --------
    >>> differences({"weights": "a", "options": {"x": 1}}, {"weights": "b", "options": {"x": 1}})
    {'weights': 'weights were a, and are b'}
    """
    found = {}
    for part in PARTS:
        before, after = was.get(part), now.get(part)
        if before == after:
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            names = [one for one in {**before, **after} if before.get(one) != after.get(one)]
            told = (
                f"{brief(name)} {_told(before.get(name))}, and now {_told(after.get(name))}"
                for name in names[:3]
            )
            found[part] = f"{part}: {'; '.join(told)}{'; and more' * (len(names) > 3)}"
        else:
            found[part] = f"{part} were {_told(before)}, and are {_told(after)}"
    return found


def _told(value: Any) -> str:
    return value[:60] if isinstance(value, str) else brief(value) if value is not None else "none"


def _prior(space: LatentSpace) -> str:
    if isinstance(normal := space.normal_prior, NormalPrior):
        return f"normal {digest_of(normal.scale, normal.mean)}"
    prior = space.options.get("prior")
    return str(getattr(prior, "__name__", type(prior).__name__))


def _condition(one: Condition) -> dict[str, Any]:
    if one.choices is None:
        return {"default": one.default, "low": one.low, "high": one.high}
    names = list(map(str, one.choices))
    return {"default": one.default, "choices": len(names), "names": digest_of(*names)}


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int)) else np.asarray(value).tolist()
