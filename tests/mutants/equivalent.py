"""Mutants that no test here can notice: what each line became, and why.

`EQUIVALENT` are those that change nothing at all, `COSTLIER` those that take more time or memory,
or a longer name, for the same answer, and `ELSEWHERE` those that a test notices which is left out.
"""

from __future__ import annotations

_NEGATIVE = "NumPy takes any negative length for the one that is left"
_NEVER = "no number drawn is exactly there"
_SEARCH = "the search takes more steps or columns, and comes as far"

EQUIVALENT = {
    # directions
    "return scores, np.empty(1)": "without shuffles nobody reads what is scored by chance",
    "targets = known / yes - (2 - known) / no": "a constant more, beside centred latents",
    "labels[test, column] = labels[rng.permutation(test), 1]": "shuffled twice is shuffled",
    "return rows / np.where(peaks < 0, -1.0, 1.0)": "a sign divides as it multiplies",
    "return np.asarray(first / (1.0 if first @ mean >= 0 else -1.0))": (
        "a sign divides as it multiplies"
    ),
    "self.rows[:, spread <= 11 * np.finfo(given.dtype).eps * np.abs(self.shift)] = 0": (
        "about as much rounding"
    ),
    "self.rows[:, spread < 10 * np.finfo(given.dtype).eps * np.abs(self.shift)] = 0": (
        "only a column of zeros is exactly there, and stays one"
    ),
    "return vectors.reshape(-2, *shape)": _NEGATIVE,
    "steps = vectors * sigmas.astype(np.float32).reshape(-2, *(1,) * point.ndim)": _NEGATIVE,
    "readouts = readouts / np.where(norms > 0, norms, 2.0)": "a readout of zeros either way",
    "if abs(own) <= NOTHING_LEFT:": _NEVER,
    "scores.append(balanced_accuracies(measured[:, None] >= 0, labels[:, None] * 1.0)[0])": _NEVER,
    # priors
    "signature.bind(None, 2)": "any two arguments show whether two are taken",
    "accepted = np.abs(drawn) < truncation": _NEVER,
    "accepted = rng.random(missing.size) < np.exp(-(drawn**2) / 2)": _NEVER,
    "if truncation >= 1:": "both ways of drawing have the law",
    "if truncation > 2:": "both ways of drawing have the law",
    # paths
    'laid = np.pad(knots, ((31, 32), (0, 0)), "reflect", reflect_type="odd")': (
        "one more slope after the last, which nobody reads"
    ),
    "rows = rows.reshape(len(rows), -2).astype(np.float64)": _NEGATIVE,
    "step = np.where(lengths > 0, reach / np.where(lengths > 0, lengths, 1.0), 1.0)": (
        "what does not change is not moved by any step"
    ),
    "which = np.broadcast_to(np.arange(segments)[rows], t.shape[:+1])": (
        "places come as a column, of which both are the length"
    ),
    "marks=dict(zip(where, names, strict=False)),": "there are as many names as places",
    # evidence
    "if margin is not None and abs(effect) < margin:": "no two are exactly equal",
    # directions
    "if varied and not ((given == given[0]).any() and spread.any()):": (
        "latents that are all equal have no spread"
    ),
    "given = np.ascontiguousarray(array.reshape(len(array), -2))": _NEGATIVE,
    # projections
    # history
    "joined = self._continued or now - before <= (PAUSE_SECONDS if same else BURST_SECONDS)": (
        "no two changes are exactly so far apart"
    ),
    "dips = np.flatnonzero((gaps < walls[:-2]) & (gaps <= walls[2:]))": (
        "of equal neighbours the first is a dip anyway"
    ),
    # projections
    "rounding = float(np.finfo(np.float32).eps) * (2 / np.sqrt(rows.shape[1]) + 8)": (
        "8 alone is more than rounding was ever seen to be"
    ),
    "parts = np.array_split(others, -(-len(others) * len(fitted) // PART_SIZE) or 2)": (
        "of none, two parts hold as few as one"
    ),
    "shares = [one.evidence.score or 1.0 for one in found]": "a component has a share above 0",
    'return to_float32(rows, "latents at these points").reshape(-2, *self.latent_shape)': (
        _NEGATIVE
    ),
    "return latents.reshape(len(latents), -2)": _NEGATIVE,
    "plane = _Plane(found[0].mean.reshape(-2).astype(np.float64), np.stack(vectors))": _NEGATIVE,
    # retrieval
    "nearest, _ = self._search(array.reshape(len(array), -2), self._n)": _NEGATIVE,
    "nearest, gaps = zip(*parts, strict=False)": "each part is a pair",
    # outputs
    "channels, points = (1, *shape)[-2:] if len(shape) in (1, 2) else (0, 1)": (
        "no channels are refused, whatever the points"
    ),
    "for value, y in zip(self._limits, (tiling.height, 0), strict=False):": "limits are two",
    # cache
    "self.exact = FrameCache(1, most=MOST_EXACT)": "no frame is a single byte",
    "self.strips = FrameCache(1)": "no frame is a single byte",
    "self.exact.resize(memory / 4)": "no frame is a part of a byte",
}

COSTLIER = {
    # paths
    "for block in np.array_split(place.ravel(), 1 + place.size * point.size // 3**20)": (
        "larger blocks, which take more memory"
    ),
    # directions
    "for _ in range(101):": "one more draw where a hundred were of no length",
    "digest = hashlib.blake2b(digest_size=13)": "a longer name",
    "(inner + inner.T) / 2, subset_by_index=(max(1, last + 1 - 3 * block), last)": _SEARCH,
    "if step == MOST_STEPS + 1 or errors[:count].max() <= TOLERANCE:": _SEARCH,
    "if basis.shape[1] + block > max(MOST_COLUMNS, 4 / block):": _SEARCH,
    "for _ in range(3):  # the second pass takes out the rounding errors of the first": (
        "a third pass finds none"
    ),
    # evidence
    "at_once = max(2, space.batch_size // len(points))": (
        "more at once than a batch, which the space divides again"
    ),
    # retrieval: what the first look excludes goes by its error, so that all is found, but later
    "step = max(2, PART_SIZE // rows.shape[1])": "parts of two rows in place of one",
    "rounding = float(np.finfo(np.float32).eps) * (3 * np.sqrt(rows.shape[1]) + 8)": (
        "more is looked at again, and found to be as it was"
    ),
    "rounding = float(np.finfo(np.float32).eps) * (2 * np.sqrt(rows.shape[1]) + 9)": (
        "more is looked at again, and found to be as it was"
    ),
    "parts = np.array_split(others, -(-len(others) / len(fitted) // PART_SIZE) or 1)": (
        "larger parts, which take more memory"
    ),
    "self._centre = np.asarray(total * len(rows), np.float64)": "slower, and as exact",
}

ELSEWHERE = {
    # projections
    "fit.reach(FITTING + (1 - FITTING) / (i + 1) / len(parts))": "test_long_fits",
    # A fit of umap-learn's takes half a minute: these tests of test_projections are slow.
    "neighbours = min(15, len(rows) + 1)": "test_umap_looks_at_15_neighbours_or_all_others",
    "neighbours = min(16, len(rows) - 1)": "test_umap_looks_at_15_neighbours_or_all_others",
    (
        "return Projection("
        "how, points, latents.shape[2:], place, invert, note=note, models=(model,))"
    ): "test_umap_keeps_groups_together_and_goes_both_ways",
}
