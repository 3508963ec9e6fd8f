"""axe looks at widgets as a page shows them: what it finds against WCAG 2.1 AA."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.browser.notebook import Notebook

AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
RUN = """async ([kind, tags]) => {
  const roots = [...document.querySelectorAll(kind)];
  const how = { runOnly: tags, resultTypes: ["violations"] };
  const { violations } = await axe.run({ include: roots }, how);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, html, failureSummary }) =>
      [id, target.join(" "), html.slice(0, 160), failureSummary].join("\\n")));
}"""


class Judge:
    """Runs axe in both themes, and keeps what it finds by where that was."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self.found: dict[str, list[str]] = {}
        page = notebook.page
        page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
        page.add_script_tag(path=AXE)

    def look(self, where: str, kind: str = ".lw-root") -> None:
        """Judge all widgets, or those of one kind, as they are now."""
        for theme in ("light", "dark"):
            self._notebook.set_theme(theme)
            self._notebook.page.wait_for_timeout(300)
            if wrong := self._notebook.page.evaluate(RUN, [kind, RULES]):
                self.found[f"{where}, {theme}"] = wrong

    def report(self) -> str:
        """Say all that was found; nothing where nothing was."""
        return "\n\n".join(f"{where}\n" + "\n".join(wrong) for where, wrong in self.found.items())
