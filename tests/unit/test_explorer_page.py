"""Pages of an explorer: every part has its pictures, and nothing is promised that is not there."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

import latentwidgets as lw
from latentwidgets.export import saved_page
from latentwidgets.widgets.explorer import saving

DIGITS = lw.demo.digits()


def explored(*parts: str, space: Any = DIGITS.space) -> lw.LatentExplorer:
    found = lw.pca_directions(DIGITS.latents, 3)
    return lw.LatentExplorer(space, DIGITS.latents[:30], directions=found, parts=parts)


def held_in(page: Path) -> dict[str, Any]:
    """Read what a page holds for its scripts."""
    text = page.read_text("utf-8")
    [found] = re.findall(r'<script type="application/json" id="lw-recording">(.*?)</script>', text)
    held: dict[str, Any] = json.loads(found)
    return held


def words_below(page: Path) -> str:
    [found] = re.findall("<footer>(.*?)</footer>", page.read_text("utf-8"))
    return str(found)


def pixels(data: str) -> np.ndarray:
    return np.asarray(PIL.Image.open(io.BytesIO(base64.b64decode(data))).convert("L"))


def test_each_part_has_the_pictures_of_its_own_page(tmp_path: Path) -> None:
    explorer = explored("grid", "editor", "path")
    explorer.editor.value = {"PC 2": 1}
    explorer.save_html(tmp_path / "all.html", positions=3, directions="PC 3")
    parts = held_in(tmp_path / "all.html")["parts"]
    explorer.grid.save_html(tmp_path / "grid.html")
    explorer.editor.save_html(tmp_path / "editor.html", positions=3, directions="PC 3")
    explorer.path.save_html(tmp_path / "path.html", positions=3)
    assert [*parts] == ["grid", "editor", "path"]
    for name, part in parts.items():
        alone = held_in(tmp_path / f"{name}.html")
        assert part == alone
    assert [row["name"] for row in parts["editor"]["state"]["_rows"]] == ["PC 3"]
    decoded = explorer.space.decode(explorer.grid.latents)
    assert len(decoded) == len(parts["grid"]["frames"]) == 30
    for shown, (_, _, data) in zip(decoded, parts["grid"]["frames"], strict=True):
        np.testing.assert_array_equal(pixels(data), shown.squeeze())


def test_it_carries_the_recipe_of_the_explorer(tmp_path: Path) -> None:
    explorer = explored("grid", "editor")
    explorer.editor.value = {"PC 1": -1.5}
    before = explorer.recipe()
    explorer.save_html(tmp_path / "all.html", positions=2)
    explorer.editor.value = {}
    explorer.apply(lw.load(tmp_path / "all.html"))
    assert explorer.editor.value["PC 1"] == -1.5
    assert lw.load(tmp_path / "all.html") == before


def test_nothing_is_on_it_that_only_a_kernel_could_do(tmp_path: Path) -> None:
    explorer = explored("grid", "editor")
    explorer.grid.value = (0, 1)
    explorer.history.bookmark("</script><script>alert(1)")
    explorer.save_html(tmp_path / "all.html", positions=2)
    state = held_in(tmp_path / "all.html")["state"]
    assert state["_bookmarks"] == []
    assert state["_steps"] == state["_shown"] == {}
    assert [state[name] for name in ("map", "grid", "editor", "path")] == ["", "grid", "editor", ""]
    assert "_saver" not in state
    about = words_below(tmp_path / "all.html")
    assert "Grid: all 30 cells; Directions: " in about
    assert "The parts are not linked here" in about
    assert "map" not in about
    assert (tmp_path / "all.html").stat().st_size < 450_000


def test_names_end_no_element(tmp_path: Path) -> None:
    odd = "</script><script>alert(1)</script>"
    space = lw.as_space(
        lambda z: np.zeros((len(z), 4, 4, 1)) + 0.5,
        latent_shape=DIGITS.latents.shape[1:],
        value_range=(0, 1),
        name=odd,
    )
    directions = [lw.Direction(odd, np.eye(DIGITS.latents.shape[1])[0])]
    explorer = lw.LatentExplorer(
        space, DIGITS.latents[:6], directions=directions, parts=["grid", "editor"]
    )
    explorer.save_html(tmp_path / "all.html", positions=2)
    assert odd not in (tmp_path / "all.html").read_text("utf-8")
    assert held_in(tmp_path / "all.html")["parts"]["editor"]["state"]["_rows"][0]["name"] == odd


def test_a_part_alone_speaks_of_no_others(tmp_path: Path) -> None:
    explored("editor").save_html(tmp_path / "all.html", positions=2)
    about = words_below(tmp_path / "all.html")
    assert "not linked" not in about
    assert about.startswith("Directions: ")


def test_a_map_is_said_to_be_missing(tmp_path: Path) -> None:
    pytest.importorskip("jscatter")
    explored("map", "grid").save_html(tmp_path / "all.html")
    held = held_in(tmp_path / "all.html")
    assert [*held["parts"]] == ["grid"]
    assert held["state"]["map"] == ""
    assert "no page of a map can be saved yet" in words_below(tmp_path / "all.html")
    with pytest.raises(lw.LatentValueError, match=r"map alone.*explorer\.map\.save_image keeps"):
        explored("map").save_html(tmp_path / "map.html")
    assert not (tmp_path / "map.html").exists()


@pytest.mark.parametrize(
    ("parts", "options", "words"),
    [
        (["grid", "editor"], {"live": True}, r"explorer\.editor\.save_html\(path, live=True\)"),
        (["grid"], {"positions": 3}, "positions is for the editor and the path"),
        (["grid", "path"], {"directions": ["PC 1"]}, "directions is for the editor, which"),
        (["grid", "editor"], {"positions": 1}, "positions"),
        (["grid", "editor"], {"directions": ["PC 9"]}, "PC 9"),
    ],
    ids=str,
)
def test_what_cannot_be_used_leaves_no_file(
    parts: list[str], options: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(lw.LatentValueError, match=words):
        explored(*parts).save_html(tmp_path / "all.html", **options)
    assert [*tmp_path.iterdir()] == []


def test_what_is_wrong_with_live_or_the_path_is_said_as_of_a_widget(tmp_path: Path) -> None:
    explorer = explored("editor")
    with pytest.raises(lw.LatentTypeError, match="live"):
        explorer.save_html(tmp_path / "all.html", live="yes")  # type: ignore[arg-type]
    with pytest.raises(lw.LatentValueError, match="html"):
        explorer.save_html(tmp_path / "all.png")
    with pytest.raises(lw.LatentValueError, match="nowhere"):
        explorer.save_html(tmp_path / "nowhere" / "all.html", positions=2)
    with pytest.raises(TypeError, match="positions"):
        explorer.save_html(tmp_path / "all.html", position=2)  # type: ignore[call-arg]
    explorer.close()
    with pytest.raises(lw.LatentValueError, match="closed"):
        explorer.save_html(tmp_path / "all.html")


def test_all_parts_together_are_held_to_what_a_page_may_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    explorer = explored("editor", "path")
    explorer.editor.save_html(tmp_path / "editor.html", positions=57, directions=["PC 1", "PC 2"])
    alone = len(held_in(tmp_path / "editor.html")["frames"])
    assert 3_100 < alone < 4_096
    with pytest.raises(lw.LatentValueError, match=r"would hold 4,\d\d\d pictures; expected 4,096"):
        explored("editor", "path").save_html(tmp_path / "all.html", positions=63)
    pictures = explored("grid", "editor")
    pictures.save_html(tmp_path / "both.html", positions=2, directions="PC 1")
    parts = held_in(tmp_path / "both.html")["parts"]
    grid, editor = (
        sum(len(base64.b64decode(data)) for _, _, data in parts[name]["frames"])
        for name in ("grid", "editor")
    )
    monkeypatch.setattr(saved_page, "MOST_BYTES", grid + editor - 100)
    with pytest.raises(lw.LatentValueError, match="pictures of the page are more than"):
        pictures.save_html(tmp_path / "all.html", positions=2, directions="PC 1")
    monkeypatch.setattr(saved_page, "MOST_BYTES", grid + editor + 100)
    pictures.save_html(tmp_path / "all.html", positions=2, directions="PC 1")


@pytest.mark.parametrize(
    ("parts", "told", "untold"),
    [
        (["grid", "path"], ["become the path"], ["slider"]),
        (["editor", "path"], [], ["cell", "slider"]),
        (["grid", "editor"], ["A cell that is chosen is shown, and the sliders"], ["path"]),
        (["grid", "editor", "path"], ["A cell that is chosen", "become the path"], []),
    ],
    ids=str,
)
def test_what_is_not_linked_is_said_of_the_parts_there_are(
    parts: list[str], told: list[str], untold: list[str], tmp_path: Path
) -> None:
    explored(*parts).save_html(tmp_path / "all.html", positions=2)
    _, _, apart = words_below(tmp_path / "all.html").partition("The parts are not linked here.")
    assert words_below(tmp_path / "all.html").count("The parts are not linked here.") == 1
    assert all(words in apart for words in told)
    assert not any(words in apart for words in untold)


def test_conditions_of_all_parts_are_said_once(tmp_path: Path) -> None:
    space = lw.as_space(
        lambda z, mood: np.full((len(z), 4, 4, 1), 0.1 * mood[0]),
        latent_shape=DIGITS.latents.shape[1:],
        value_range=(0, 1),
        conditions={"mood": (1.0, 0.0, 3.0)},
    )
    explorer = explored("grid", "path", space=space)
    explorer.save_html(tmp_path / "all.html", positions=2)
    about = words_below(tmp_path / "all.html")
    assert about.count("mood") == 1
    assert "; all under mood 1; decoded by" in about
    alone = explored("path", space=space)
    alone.save_html(tmp_path / "path.html", positions=2)
    assert ", under mood 1; decoded by" in words_below(tmp_path / "path.html")


def test_all_parts_together_keep_no_more_open_than_one_widget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = lw.as_space(
        lambda z: np.zeros((len(z), 256, 256, 1)),  # 256 kB each, opened; of the path there are 9
        latent_shape=DIGITS.latents.shape[1:],
        value_range=(0, 1),
    )
    for module in (saved_page, saving):
        monkeypatch.setattr(module, "MOST_OPEN", 4 * 2**20)
    explorer = explored("grid", "path", space=space)
    explorer.save_html(tmp_path / "all.html", positions=2)
    explorer.grid.save_html(tmp_path / "grid.html")
    parts = held_in(tmp_path / "all.html")["parts"]
    assert held_in(tmp_path / "grid.html")["state"]["frame_memory"] == 16 + 4
    assert [part["state"]["frame_memory"] for part in parts.values()] == [16 + 2, 16 + 2]


def test_what_is_wrong_with_a_part_names_it(tmp_path: Path) -> None:
    explorer = explored("grid", "path")
    cells = np.repeat(DIGITS.latents[:60], 70, axis=0)
    explorer.grid.latents = cells
    with pytest.raises(lw.LatentValueError, match=r"the grid of this explorer: .* hold 4,200"):
        explorer.save_html(tmp_path / "all.html", positions=2)
    explorer.grid.latents = cells[:4000]
    with pytest.raises(
        lw.LatentValueError, match=r"There are 4,000 of the grid, 2\d\d of the path"
    ):
        explorer.save_html(tmp_path / "all.html", positions=200)
    explorer.path.close()
    with pytest.raises(lw.LatentValueError, match="the path of this explorer: this widget is clos"):
        explorer.save_html(tmp_path / "all.html")
    assert [*tmp_path.iterdir()] == []
