"""Every way to write or read a file: what is no file, links, pipes, devices, and a full disk."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path as File
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw

Z = np.array([[0.0, 0.0], [1.0, 1.0]], np.float32)
FOUND = lw.Directions([lw.Direction("a", [1.0, 2.0])])


def walk() -> Any:
    def decode(z: Any) -> Any:
        return np.repeat(z, 32, axis=1).reshape(-1, 8, 8)

    return lw.Interpolator(lw.LatentSpace(decode, 2, value_range=(0, 1)), Z, size=32)


def explorer() -> Any:
    return lw.explore(walk().space, Z, parts=["path"])


# How each writes, and what its files are called.
WRITE: dict[str, tuple[Callable[[Any], Any], str]] = {
    "Directions.save": (lambda path: FOUND.save(path), ".safetensors"),
    "Recipe.save": (lambda path: walk().recipe().save(path), ".json"),
    "save_image": (lambda path: walk().save_image(path), ".png"),
    "widget.save_animation": (
        lambda path: walk().save_animation(path, seconds=0.2, fps=5),
        ".gif",
    ),
    "lw.save_animation": (
        lambda path: lw.save_animation(walk().recipe(), walk().space, path, seconds=0.2, fps=5),
        ".gif",
    ),
    "save_html": (lambda path: walk().save_html(path, positions=2), ".html"),
    "explorer.save_html": (lambda path: explorer().save_html(path, positions=2), ".html"),
}
READ: dict[str, Callable[[Any], Any]] = {
    "Directions.load": lw.Directions.load,
    "lw.load": lw.load,
    "control_vector_directions": lw.control_vector_directions,
    "sae_directions": lambda path: lw.sae_directions(path, [0]),
}
NAMES = [*WRITE, *READ]
PIPES = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")


def call(name: str, path: Any) -> Any:
    return WRITE[name][0](path) if name in WRITE else READ[name](path)


def named(name: str, stem: str = "a") -> str:
    return stem + (WRITE[name][1] if name in WRITE else "")


@pytest.mark.parametrize("path", [None, 5, object()], ids=["None", "5", "an object"])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_path_is_refused(
    name: str, path: Any, tmp_path: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(lw.LatentWidgetsError, match=f"{type(path).__name__}|{path}"):
        call(name, path)
    assert [*tmp_path.iterdir()] == []


@PIPES
@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", NAMES)
def test_a_pipe_is_refused_at_once_and_stays(name: str, tmp_path: File) -> None:
    pipe = tmp_path / named(name)
    os.mkfifo(pipe)
    with pytest.raises(lw.LatentValueError, match="no ordinary file, but a pipe or a device"):
        call(name, pipe)
    assert [*tmp_path.iterdir()] == [pipe]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.skipif(not File("/dev/null").is_char_device(), reason="there is no such device")
@pytest.mark.parametrize("name", NAMES)
def test_a_device_is_refused_and_stays(name: str, tmp_path: File) -> None:
    link = tmp_path / named(name)
    link.symlink_to("/dev/null")  # which has no ending of its own
    with pytest.raises(lw.LatentValueError, match="no ordinary file, but a pipe or a device"):
        call(name, link)
    assert File("/dev/null").is_char_device()
    assert link.is_symlink()


@pytest.mark.parametrize("name", WRITE)
def test_a_link_is_written_through(name: str, tmp_path: File) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    real, link = folder / named(name, "real"), tmp_path / named(name, "link")
    real.write_bytes(b"old")
    link.symlink_to(real)
    call(name, link)
    assert link.is_symlink()
    assert real.read_bytes() not in (b"old", b"")
    assert sorted(tmp_path.rglob("*")) == sorted([folder, real, link])


class Full:
    """An open file on a disk that is full: it takes half of what is written."""

    def __init__(self, file: Any) -> None:
        self.file = file

    def __enter__(self) -> Full:
        return self

    def __exit__(self, *_: Any) -> None:
        self.file.close()

    def write(self, data: bytes) -> None:
        self.file.write(data[: len(data) // 2])
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("name", WRITE)
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    name: str, tmp_path: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / named(name)
    old.write_bytes(b"old")
    plainly = File.open

    def full(path: File, mode: str = "r", *more: Any, **options: Any) -> Any:
        made = plainly(path, mode, *more, **options)
        return Full(made) if tmp_path in path.parents and mode == "xb" else made

    monkeypatch.setattr(File, "open", full)
    with pytest.raises(lw.LatentValueError, match="No space left on device"):
        call(name, old)
    monkeypatch.undo()
    assert [*tmp_path.iterdir()] == [old]
    assert old.read_bytes() == b"old"


@pytest.mark.parametrize("name", READ)
def test_a_folder_and_nothing_are_refused(name: str, tmp_path: File) -> None:
    with pytest.raises(lw.LatentValueError, match="is a folder. Give the name of a file"):
        call(name, tmp_path)
    with pytest.raises((lw.LatentWidgetsError, OSError)):
        call(name, tmp_path / "nowhere")
