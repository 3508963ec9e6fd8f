"""What leaves the notebook says all that it depends on, and fails as a whole or not at all."""

from __future__ import annotations

import functools
import stat
from pathlib import Path as File
from typing import Any

import numpy as np
import PIL.Image
import pytest
import torch

import latentwidgets as lw
from latentwidgets.adapters.weights import weights_bytes, weights_digest
from latentwidgets.common.whole_files import write_whole
from latentwidgets.export import animation
from latentwidgets.export.files import XMP, packed
from latentwidgets.export.fingerprint import differences, fingerprint_of
from latentwidgets.space.latent_source import tell_prompt


class Held:
    """A decoder that holds what it multiplies with, as a person's own class does."""

    def __init__(self, scale: float, *, module: bool = False) -> None:
        self.weights: Any = np.eye(2) * scale
        if module:
            self.weights = torch.nn.Linear(2, 2)
            with torch.no_grad():
                self.weights.weight.fill_(scale)

    def decode(self, z: Any) -> Any:
        weights = self.weights
        return z @ weights if isinstance(weights, np.ndarray) else weights(torch.tensor(z)).numpy()


def image_space(**options: Any) -> lw.LatentSpace:
    return lw.LatentSpace(
        lambda z: np.repeat(z, 32, axis=1).reshape(-1, 8, 8), 2, value_range=(0, 1), **options
    )


def test_another_prompt_or_another_token_that_is_steered_is_another_space() -> None:
    spaces = [image_space(), image_space()]
    for space, prompt in zip(spaces, ["a cat", "a dog"], strict=True):
        tell_prompt(space, prompt)
    one, other = map(fingerprint_of, spaces)
    assert differences(one, other) == {
        "options": "options: 'prompt' a cat, and now a dog",
    }
    stories: Any = lw.demo.stories().space
    steered = [fingerprint_of(stories.at(steer=one)) for one in ("last", "generated")]
    assert differences(*steered)["options"] == "options: 'steer' last, and now generated"


def test_another_negative_prompt_is_another_space(tmp_path: File) -> None:
    pytest.importorskip("diffusers", reason="needs the extra diffusion")
    from tests.unit.pipelines import pipeline

    pipe = pipeline("stable diffusion", tmp_path)
    one, other = (
        fingerprint_of(lw.as_space(pipe, prompt="a cat", negative_prompt=text))
        for text in ("a dog", "an owl")
    )
    assert differences(one, other) == {
        "options": "options: 'negative_prompt' a dog, and now an owl"
    }


def test_weights_are_found_in_objects_and_partials() -> None:
    for module in (False, True):
        digests = [weights_digest(Held(k, module=module).decode) for k in (1.0, 2.0, 2.0)]
        if module:  # the bias is drawn anew
            assert None not in digests
            assert digests[0] != digests[1]
        else:
            assert digests[0] != digests[1] == digests[2]
    partials = [
        weights_digest(functools.partial(lambda w, z: z @ w, np.eye(2) * k)) for k in (1, 2)
    ]
    assert None not in partials
    assert partials[0] != partials[1]


@pytest.mark.filterwarnings("ignore:.*(nested|Sparse CSR) tensor:UserWarning")
def test_weights_that_cannot_be_read_are_no_error() -> None:
    dense = torch.nn.Linear(2, 2)
    assert weights_digest(dense) is not None
    assert weights_bytes(dense) == 4 * (2 * 2 + 2)
    square = torch.eye(8)
    lists = [torch.ones(2), torch.ones(3)]
    for unread in (
        square.to("meta"),
        square.to_sparse(),
        square.to_sparse_csr(),
        square.to_mkldnn(),
        torch.nested.nested_tensor(lists),
        torch.nested.nested_tensor(lists, layout=torch.jagged),
    ):
        model = torch.nn.Linear(2, 2)
        model.register_buffer("adjacency", unread)
        assert weights_digest(model) is None
        assert weights_bytes(model) == 0, "nothing is read of it"


def test_code_holds_all_digits_whatever_a_person_prints() -> None:
    path = lw.Path([[0.123456789, 1.0], [0.2, 1e-7]], "lerp")
    recipe = lw.Interpolator(image_space(), path.anchors, method="lerp", value=0.5).recipe()
    route: Any = recipe.route
    for options in (
        {"formatter": {"float": "{:0.2f}".format}},
        {"precision": 2, "suppress": True, "sign": "+", "legacy": "1.13"},
    ):
        with np.printoptions(**options):
            names: dict[str, Any] = {}
            exec(recipe.code(), names)
        np.testing.assert_array_equal(names["anchors"], route.anchors)


def test_a_film_that_was_cut_short_leaves_the_old_one(
    tmp_path: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("imageio_ffmpeg", reason="needs the extra film")
    broken = tmp_path / "ffmpeg"
    broken.write_text(
        "#!/bin/sh\nfor last; do :; done\n"
        'case "$last" in\n'
        '*.mp4) printf half > "$last"; cat > /dev/null;;\n'
        '-encoders) echo "Encoders:"; echo " ------"; echo " V..... libx264 H.264";;\n'
        "esac\n"
    )
    broken.chmod(0o755)
    old = tmp_path / "film.mp4"
    old.write_bytes(b"old")
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(broken))
    path = lw.Path([[0.0, 0.0], [1.0, 1.0]], "lerp")
    with pytest.raises(lw.LatentValueError, match="encoded: .Could not get number of frames"):
        lw.save_animation(path, image_space(), old, seconds=0.2)
    assert old.read_bytes() == b"old"


@pytest.mark.slow
def test_a_film_too_large_for_its_form_is_refused_in_words(
    tmp_path: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(animation, "MOST_BYTES", 2**40)
    path = lw.Path([[0.0, 0.0], [1.0, 1.0]], "lerp")
    space = lw.LatentSpace(
        lambda z: np.repeat(z[:, :1, None], 2, axis=1).repeat(2, axis=2), 2, value_range=(0, 1)
    )
    with pytest.raises(lw.LatentValueError, match="cannot be written as WEBP"):
        lw.save_animation(path, space, tmp_path / "a.webp", size=16384, seconds=0.1, fps=20)


def test_a_film_of_a_recipe_says_what_may_differ(tmp_path: File) -> None:
    widget = lw.Interpolator(image_space(), [[0.0, 0.0], [1.0, 1.0]], method="lerp")
    other = image_space(prior=lw.NormalPrior([1.0, 2.0]))
    with pytest.raises(lw.LatentValueError, match=r"pass allow=\['options'\]"):
        lw.save_animation(widget.recipe(), other, tmp_path / "a.gif", seconds=0.2)
    lw.save_animation(widget.recipe(), other, tmp_path / "a.gif", seconds=0.2, allow="options")
    assert lw.load(tmp_path / "a.gif").route == widget.recipe().route


def test_what_is_told_of_a_direction_may_be_infinite() -> None:
    told = {"C": float("inf"), "grid": [1.0, float("nan")]}
    found = lw.Directions([lw.Direction("x", [1.0, 0.0], provenance=told)])
    editor = lw.DirectionEditor(image_space(), [0.0, 0.0], found, value={"x": 1.0})
    again: Any = lw.Recipe.from_json(editor.recipe().to_json()).route
    assert again.directions[0].provenance["C"] == "inf"
    assert again.directions[0].provenance["grid"] == (1.0, "nan")


def test_damaged_and_enormous_pictures(tmp_path: File) -> None:
    file = tmp_path / "a.webp"
    PIL.Image.new("L", (8, 8)).save(file, xmp=XMP.format("a").encode())
    with pytest.raises(lw.LatentValueError, match="its recipe is damaged"):
        lw.load(file)
    with pytest.raises(lw.LatentValueError, match="too large to be opened again"):
        packed(PIL.Image.new("1", (14_000, 14_000)), "PNG", None)


def test_a_recipe_does_not_change() -> None:
    recipe = lw.Recipe.from_json(
        lw.Interpolator(image_space(), [[0.0, 0.0], [1.0, 1.0]]).recipe().to_json()
    )
    route: Any = recipe.route
    with pytest.raises(ValueError, match="read-only"):
        route.anchors[:] = 9


def test_a_file_is_whole_or_not_there(tmp_path: File, monkeypatch: pytest.MonkeyPatch) -> None:
    private = tmp_path / "private.json"
    private.write_bytes(b"old")
    private.chmod(0o600)
    write_whole(private, b"new")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(File, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(private, b"newer")
    assert [one.name for one in tmp_path.iterdir()] == ["private.json"]
    assert private.read_bytes() == b"new"

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(File, "replace", full)
    with pytest.raises(lw.LatentValueError, match=r"No space left on device. Give another place"):
        write_whole(private, b"newer")
    with pytest.raises(lw.LatentValueError, match="Give a file in a folder that is there"):
        write_whole(tmp_path / "nowhere" / "a.json", b"")
