"""Pictures and films that widgets save: what is in them, and what is refused."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path as File
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageSequence
import pytest

import latentwidgets as lw

DIGITS = lw.demo.digits()
LATENTS = DIGITS.latents
FOUND = lw.pca_directions(LATENTS, 2)
WAY = lw.Path(LATENTS[:2], "lerp")


def frames_of(file: File) -> tuple[list[Any], list[float]]:
    shown = []
    with PIL.Image.open(file) as film:
        for frame in PIL.ImageSequence.Iterator(film):  # one object, at one frame after another
            pixels = np.asarray(frame.convert("RGB"))
            shown.append((pixels, frame.info.get("duration", 0)))
    return [pixels for pixels, _ in shown], [duration for _, duration in shown]


@pytest.mark.parametrize("ending", ["png", "webp"])
def test_a_picture_is_what_the_widget_shows_and_carries_its_recipe(
    ending: str, tmp_path: File
) -> None:
    widgets: list[Any] = [
        lw.Interpolator(DIGITS.space, LATENTS[:2], value=0.4),
        lw.LatentGrid(DIGITS.space, LATENTS[:6]),
        lw.DirectionEditor(DIGITS.space, LATENTS[0], FOUND, value={"PC 1": 1}),
        lw.LatentMap(DIGITS.space, LATENTS[:30], index=3),
    ]
    for widget in widgets:
        file = tmp_path / f"{type(widget).__name__}.{ending}"
        widget.save_image(file, 96)
        with PIL.Image.open(file) as picture:
            expected = np.asarray(widget.image(96).convert("RGB"))
            np.testing.assert_array_equal(np.asarray(picture.convert("RGB")), expected)
        recipe = lw.load(file)
        assert recipe == widget.recipe()
        np.testing.assert_array_equal(lw.replay(recipe, DIGITS.space), widget.latent)
    assert not list(tmp_path.glob(".*"))


FORMS = ["gif", "webp", "png", "apng"]


@pytest.mark.parametrize("ending", FORMS)
def test_a_film_has_the_frames_of_the_path_at_their_time(ending: str, tmp_path: File) -> None:
    file = tmp_path / f"walk.{ending}"
    lw.save_animation(WAY, DIGITS.space, file, seconds=0.5, fps=12, back=False, easing="linear")
    frames, durations = frames_of(file)
    assert len(frames) == 6
    assert sum(durations) == 500
    exact = DIGITS.space.decode(WAY(np.linspace(0, 1, 6)))
    for frame, expected in zip(frames, exact, strict=True):
        np.testing.assert_array_equal(frame, np.repeat(expected, 3, 2))
    recipe = lw.load(file)
    assert recipe.route == WAY


def test_there_and_back_gently(tmp_path: File) -> None:
    file = tmp_path / "walk.webp"
    lw.save_animation(WAY, DIGITS.space, file, seconds=0.5, fps=10)
    frames, _ = frames_of(file)
    assert len(frames) == 8  # five there, three between on the way back
    for one, other in ((1, 7), (2, 6), (3, 5)):
        np.testing.assert_array_equal(frames[one], frames[other])
    gentle = DIGITS.space.decode(WAY([0.25**2 * (3 - 0.5)]))[0]
    np.testing.assert_array_equal(frames[1][..., :1], gentle)


@pytest.mark.parametrize("ending", FORMS)
@pytest.mark.parametrize("loop", [True, False])
def test_it_repeats_or_not(ending: str, loop: bool, tmp_path: File) -> None:
    file = tmp_path / f"walk.{ending}"
    lw.save_animation(WAY, DIGITS.space, file, seconds=0.2, loop=loop)
    with PIL.Image.open(file) as film:
        assert film.info.get("loop", 1) == (0 if loop else 1)


def test_an_edit_moves_from_the_base_to_what_it_is(tmp_path: File) -> None:
    editor = lw.DirectionEditor(DIGITS.space, LATENTS[0], FOUND, value={"PC 1": 2, "PC 2": -1})
    file = tmp_path / "edit.png"
    editor.save_animation(file, seconds=0.3, fps=10, back=False)
    frames, _ = frames_of(file)
    ends = DIGITS.space.decode(np.stack([LATENTS[0], editor.latent]))
    for frame, expected in ((frames[0], ends[0]), (frames[-1], ends[1])):
        np.testing.assert_array_equal(frame[..., :1], expected)
    # The same in a script, from the recipe alone.
    lw.save_animation(
        editor.recipe(), DIGITS.space, tmp_path / "again.png", seconds=0.3, fps=10, back=False
    )
    assert (tmp_path / "again.png").read_bytes() == file.read_bytes()
    editor.save_animation(file, seconds=0.3, fps=10, back=False, along="PC 2")
    frames, _ = frames_of(file)
    low = editor.latent.copy()
    editor.value = {**editor.value, "PC 2": FOUND["PC 2"].limits[0]}
    assert not np.array_equal(low, editor.latent)
    np.testing.assert_array_equal(frames[0][..., :1], DIGITS.space.decode(editor.latent[None])[0])


def test_a_film_is_decoded_under_the_conditions_of_the_widget(tmp_path: File) -> None:
    def decode(latents: Any, gain: Any) -> Any:
        return gain.reshape(-1, 1) * np.ones((len(latents), 64))

    space = lw.LatentSpace(
        decode, 2, conditions={"gain": (1.0, 0.0, 1.0)}, value_range=(0, 1), image_shape=(8, 8)
    )
    walk = lw.Interpolator(space, np.eye(2), conditions={"gain": 0.2})
    walk.save_animation(tmp_path / "a.png", seconds=0.2)
    assert frames_of(tmp_path / "a.png")[0][0].max() == 51


def test_captions_stand_under_the_frames(tmp_path: File) -> None:
    for captions in (True, ["zero σ", "a caption that is much too long for so small a picture"]):
        file = tmp_path / "walk.png"
        lw.save_animation(WAY, DIGITS.space, file, seconds=0.3, size=128, captions=captions)
        frames, _ = frames_of(file)
        assert frames[0].shape[0] > 128
        written = frames[0][128:]
        assert written.min() < 100, "nothing is written"
        assert (written[:, [0, -1]] == 255).all(), "the text reaches the edge"


def test_curves_and_texts_of_other_sizes_make_a_film(tmp_path: File) -> None:
    curves = lw.LatentSpace(lambda z: z[:, :1] * np.linspace(-1, 1, 9), 2, kind="curve")
    texts = lw.LatentSpace(
        lambda z: ["word " * int(1 + 40 * abs(x)) for x in z[:, 0]], 2, kind="text"
    )
    for space in (curves, texts):
        lw.save_animation(lw.Path(np.eye(2)), space, tmp_path / "walk.webp", seconds=0.3)
        frames, _ = frames_of(tmp_path / "walk.webp")
        assert len(frames) > 2
        assert not np.array_equal(frames[0], frames[3])


def test_an_mp4_plays(tmp_path: File) -> None:
    ffmpeg = pytest.importorskip("imageio_ffmpeg")
    file = tmp_path / "walk.mp4"
    lw.save_animation(WAY, DIGITS.space, file, seconds=1, fps=10, size=65, back=False)
    reader = ffmpeg.read_frames(str(file))
    about = next(reader)
    assert about["size"] == (66, 66)  # an even number of pixels
    frames = [np.frombuffer(one, np.uint8).reshape(66, 66, 3) for one in reader]
    assert len(frames) == 10
    last = np.asarray(lw.Interpolator(DIGITS.space, LATENTS[:2], value=1).image(65), float)
    assert np.abs(frames[-1][:65, :65, 0] - last).mean() < 8  # of 255; H.264 is lossy
    with pytest.raises(lw.LatentValueError, match="neither a picture nor a recipe"):
        lw.load(file)


# Figures


def headings(figure: Any) -> list[str]:
    return [one.get_text() for one in figure.axes[0].get_xticklabels()]


def test_figures_show_the_path_the_edit_beside_its_base_and_the_map() -> None:
    walk = lw.Interpolator(DIGITS.space, LATENTS[:3])
    assert headings(walk.figure(3)) == ["0", "0.5", "1"]
    [image] = walk.figure(3).axes[0].images
    pixels = np.asarray(image.get_array())
    expected = DIGITS.space.decode(walk.path([0, 0.5, 1]))
    for number, one in enumerate(expected):
        left = number * (pixels.shape[1] + 1) // 3
        np.testing.assert_array_equal(
            pixels[:32, left : left + 32].reshape(32, 32, -1)[..., :1], one
        )
    editor = lw.DirectionEditor(DIGITS.space, LATENTS[:2], FOUND, value={"PC 1": 1})
    assert headings(editor.figure()) == ["base", "PC 1 +1 σ"]
    chart = lw.LatentMap(DIGITS.space, LATENTS[:30], DIGITS.labels[:30], index=3)
    [points, ring, *_] = chart.figure().axes[0].collections
    np.testing.assert_array_equal(points.get_offsets(), chart.projection.points)
    np.testing.assert_allclose(np.asarray(ring.get_offsets()), [chart.value])
    with pytest.raises(lw.LatentValueError, match="columns"):
        walk.figure(1)
    chart.close()
    with pytest.raises(lw.LatentValueError, match="closed"):
        chart.figure()


def test_a_map_that_is_coloured_by_numbers_has_a_colour_bar() -> None:
    import matplotlib.colors

    numbers = np.linspace(-2.0, 6.0, 30)
    numbers[7] = np.nan
    chart = lw.LatentMap(DIGITS.space, LATENTS[:30], {"a $ge": numbers})
    axes: Any
    bar: Any
    axes, bar = (drawn := chart.figure()).axes
    assert bar.get_ylabel() == r"a \$ge"
    [mapped] = (one for one in bar.collections if one.get_array() is not None)
    low, high = mapped.norm.vmin, mapped.norm.vmax
    np.testing.assert_allclose([low, high], np.nanpercentile(numbers, [1, 99]), rtol=1e-3)
    expected = mapped.cmap(mapped.norm(numbers))
    expected[7] = matplotlib.colors.to_rgba("#808080")
    shown = axes.collections[0].get_facecolors()
    assert np.abs(shown - expected).max() < 0.02, "the bar says what the points' colours mean"
    [note] = axes.get_legend().get_texts()
    assert note.get_text() == "1 with no label are grey"
    drawn.draw_without_rendering()
    chart.color = "density"
    axes, bar = chart.figure().axes
    assert [one.get_text() for one in bar.get_yticklabels()] == ["sparse", "dense"]
    chart.color = np.full(30, 3.5)
    axes, bar = chart.figure().axes
    assert [one.get_text() for one in bar.get_yticklabels()] == ["3.5"]
    chart.color = np.arange(30) % 2
    assert len(chart.figure().axes) == 1, "classes have a legend"


@pytest.mark.parametrize(
    "numbers",
    [
        np.linspace(1000.01, 1000.04, 30),
        1.7e9 + 3600.5 * np.arange(30),
        np.linspace(2000.2, 2003.4, 30),
        np.append(np.zeros(500), [0.25, 0.5, 2.5]),
        np.append(np.full(500, 1e300), [2e300, 3e300]),
    ],
    ids=["near", "times", "years", "mostly one", "mostly one, large"],
)
def test_a_colour_bar_has_the_very_scale_of_the_points(numbers: Any) -> None:
    latents = np.resize(LATENTS, (len(numbers), *LATENTS.shape[1:]))
    latents = latents + np.linspace(0, 1, len(numbers))[:, np.newaxis]
    axes: Any
    bar: Any
    axes, bar = (drawn := lw.LatentMap(DIGITS.space, latents, {"a": numbers}).figure()).axes
    [mapped] = (one for one in bar.collections if one.get_array() is not None)
    expected = mapped.cmap(mapped.norm(numbers))
    shown = axes.collections[0].get_facecolors()
    assert np.abs(shown - expected).max() < 0.02
    drawn.draw_without_rendering()
    low, high = bar.get_ylim()
    assert sum(low <= one <= high for one in bar.get_yticks()) > 2
    assert not bar.yaxis.get_major_formatter().get_offset().startswith("+")


# What is refused

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"path": "walk.bmp"}, "ends in '.bmp'; expected one of .gif"),
    ({"path": "nowhere/walk.gif"}, "cannot be written"),
    ({"seconds": 0}, "seconds"),
    ({"fps": 61}, "fps"),
    ({"seconds": 600.0}, "frames are too many"),
    ({"size": 16384, "seconds": 30.0}, "too much. Pass a smaller size"),
    ({"easing": "smoth"}, "smooth"),
    ({"captions": [1]}, "captions hold 1"),
    ({"captions": []}, "captions are empty"),
    ({"along": "PC 1"}, "along is for edits"),
]


@pytest.mark.parametrize(("given", "words"), REFUSED, ids=str)
def test_what_cannot_be_saved_says_why(
    given: dict[str, Any], words: str, tmp_path: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(lw.LatentWidgetsError, match=words):
        lw.save_animation(
            **{"what": WAY, "space": DIGITS.space, "path": "walk.gif", "seconds": 0.2, **given}
        )
    assert not list(tmp_path.iterdir())


def test_nothing_to_film_says_what_to_do(tmp_path: File) -> None:
    editor = lw.DirectionEditor(DIGITS.space, LATENTS[0], FOUND)
    with pytest.raises(lw.LatentValueError, match="along='PC 1'"):
        editor.save_animation(tmp_path / "a.gif")
    with pytest.raises(lw.LatentValueError, match="Lay a path"):
        lw.LatentGrid(DIGITS.space, LATENTS[:4]).save_animation(tmp_path / "a.gif")
    with pytest.raises(lw.LatentValueError, match="Pass the space that they are of"):
        lw.save_animation(lw.Path(np.eye(3)), DIGITS.space, tmp_path / "a.gif")


def test_a_picture_without_a_recipe_says_so(tmp_path: File) -> None:
    for name, words in (("bare.png", "holds no recipe"), ("bare.webp", "holds no recipe")):
        PIL.Image.new("L", (8, 8)).save(tmp_path / name)
        with pytest.raises(lw.LatentValueError, match=words):
            lw.load(tmp_path / name)
    (tmp_path / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    with pytest.raises(lw.LatentValueError, match="neither a picture nor a recipe"):
        lw.load(tmp_path / "torn.png")
    with pytest.raises(lw.LatentValueError, match="cannot be read"):
        lw.load(tmp_path / "nothing.png")


def test_a_picture_that_was_saved_again_without_notes_has_lost_it(tmp_path: File) -> None:
    file = tmp_path / "a.png"
    lw.Interpolator(DIGITS.space, LATENTS[:2]).save_image(file)
    with PIL.Image.open(file) as picture:
        picture.save(tmp_path / "b.png")
    with pytest.raises(lw.LatentValueError, match="as it was saved"):
        lw.load(tmp_path / "b.png")


@pytest.mark.slow
def test_a_disk_that_fills_leaves_the_older_file(tmp_path: File) -> None:
    """A file may grow to so many bytes and no further: what a full disk does."""
    widget = lw.Interpolator(DIGITS.space, LATENTS[:2])
    file = tmp_path / "a.png"
    widget.save_image(file)
    before = file.read_bytes()
    program = (
        "import resource, signal, sys, latentwidgets as lw\n"
        "walk = lw.Interpolator(lw.demo.digits())\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "try:\n"
        "    walk.save_image(sys.argv[1])\n"
        "except lw.LatentValueError as error:\n"
        "    print(error)\n"
    )
    run = [sys.executable, "-c", program, str(file)]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert "cannot be written" in done.stdout
    assert file.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.png"]


def test_metadata_is_where_other_programs_look(tmp_path: File) -> None:
    file = tmp_path / "a.png"
    lw.Interpolator(DIGITS.space, LATENTS[:2]).save_image(file)
    with PIL.Image.open(io.BytesIO(file.read_bytes())) as picture:
        text = picture.info["latentwidgets.recipe"]
    assert lw.Recipe.from_json(text)["space"]["name"] == "digits"
