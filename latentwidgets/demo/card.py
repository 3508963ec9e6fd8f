"""The card of the models that come with the package, and the tables that scripts write into it."""

from __future__ import annotations

from pathlib import Path

__all__ = ["CARD", "write_table"]

CARD = Path(__file__).with_name("README.md")


def write_table(path: Path, script: str, table: str) -> None:
    """Write a table anew in a card that has one.

    Parameters
    ----------
    path : Path
        A Markdown file with the lines ``<!-- written by SCRIPT -->`` and ``<!-- end of SCRIPT
        -->``, between which the table stands.
    script : str
        The name of the module that measured it.
    table : str
        Markdown.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "card.md")
    ...     _ = path.write_text("<!-- written by me -->old<!-- end of me -->", "utf-8")
    ...     write_table(path, "me", "new")
    ...     path.read_text("utf-8").splitlines()
    ['<!-- written by me -->', '', 'new', '', '<!-- end of me -->']
    """
    begin, end = f"<!-- written by {script} -->", f"<!-- end of {script} -->"
    before, _, rest = path.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    path.write_text(f"{before}{begin}\n\n{table}\n\n{end}{after}", encoding="utf-8")
