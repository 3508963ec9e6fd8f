"""What the README says in its first minute: its code runs, its pictures and links are there."""

from __future__ import annotations

import ast
import contextlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

import latentwidgets as lw

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
DETAILS = "\n## Details\n"
FIRST = TEXT.partition(DETAILS)[0]
MOST_WORDS = 900
MOST_CODE_LINES = 5
MOST_GIF_BYTES = 3_000_000
WIDGETS = ("LatentExplorer", "Interpolator", "DirectionEditor", "LatentGrid", "LatentMap")
# Those that draw a map need what draws it.
WITH_MAP = {"LatentExplorer", "LatentMap"}


def codes(text: str) -> list[str]:
    """Blocks of Python in a text."""
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def lines_of(code: str) -> list[str]:
    return [line for line in code.splitlines() if line.strip()]


def shown(code: str) -> Any:
    """Run a cell, and give what its last line shows."""
    tree = ast.parse(code)
    last = tree.body.pop()
    assert isinstance(last, ast.Expr), "the last line of a cell shows something"
    names: dict[str, Any] = {}
    exec(compile(tree, "README.md", "exec"), names)
    return eval(compile(ast.Expression(last.value), "README.md", "eval"), names)


def gallery() -> dict[str, str]:
    """What stands in the gallery below the name of each widget."""
    section = FIRST.partition("\n## Gallery\n")[2].partition("\n## ")[0]
    parts = re.split(r"^\*\*(\w+)\*\*:", section, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def anchors(text: str) -> set[str]:
    """Where links within a page lead, as GitHub names its headings."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    bare = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {one.replace(" ", "-") for one in bare}


def test_three_lines_stand_first() -> None:
    assert FIRST.index("pip install latentwidgets\n") < FIRST.index("```python")
    code = codes(FIRST)[0]
    assert len(lines_of(code)) == 3
    with contextlib.closing(shown(code)) as widget:
        assert isinstance(widget, lw.Interpolator)


def test_the_gallery_has_every_widget() -> None:
    assert tuple(gallery()) == WIDGETS


@pytest.mark.parametrize("name", WIDGETS)
def test_code_of_the_gallery_runs_and_shows_its_widget(name: str) -> None:
    if name in WITH_MAP:
        pytest.importorskip("jscatter", reason="needs the extra map")
    text = gallery()[name]
    [code] = codes(text)
    assert len(lines_of(code)) <= MOST_CODE_LINES
    [picture] = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text)
    assert (ROOT / picture).stat().st_size < MOST_GIF_BYTES
    with contextlib.closing(shown(code)) as widget:
        assert isinstance(widget, getattr(lw, name))


def test_all_code_is_python() -> None:
    found = codes(TEXT)
    assert len(found) > 20
    for code in found:
        compile(code, "README.md", "exec")


def test_the_details_come_after_so_many_words_at_most() -> None:
    assert DETAILS in TEXT
    assert len(FIRST.split()) <= MOST_WORDS


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", TEXT)
    within = [link[1:] for link in links if link.startswith("#")]
    beside = [link for link in links if not re.match(r"#|https?:|mailto:", link)]
    assert len(within) > 20
    assert beside
    assert set(within) <= anchors(TEXT)
    assert [link for link in beside if not (ROOT / unquote(link)).exists()] == []


def test_the_first_code_for_language_models_runs_up_to_its_direction() -> None:
    writers = pytest.importorskip("tests.unit.writers", reason="needs the extra language")
    section = TEXT.partition("\n### Language models\n")[2]
    lines = codes(section)[0].splitlines()
    [last] = [i for i, line in enumerate(lines) if "contrast_directions" in line]
    names: dict[str, Any] = {"lw": lw, "model": writers.writer(), "tokenizer": writers.tokenizer()}
    exec("\n".join(lines[1 : last + 1]), names)
    assert names["mood"].evidence.counts == {"pairs": len(names["happy_texts"])}
    assert "end in" not in (names["mood"].evidence.warning or "")
