"""What holds of every widget: nothing is cut at any width, and every control says what it does."""

from __future__ import annotations

import pytest

from tests.browser.all_widgets import CELLS, SPACES, open_panels, roots, set_room, show_all
from tests.browser.conftest import OpenNotebook
from tests.browser.notebook import wait_still

pytest.importorskip("jscatter", reason="needs the extra map")

# What sticks out of a widget, or is wider than its own box. What lies in a box that scrolls, or
# whose end is three dots, is at hand; what draws the map is not ours.
STICKING_OUT = """(root) => {
    const bounds = root.getBoundingClientRect();
    const named = (one) => `${one.localName}.${one.className.baseVal ?? one.className} `
        + `"${(one.textContent || one.value || '').trim().slice(0, 40)}"`;
    const scrolls = (one) => {
        const { overflowX, textOverflow } = getComputedStyle(one);
        return /auto|scroll/.test(overflowX)
            || (overflowX === 'hidden' && textOverflow === 'ellipsis');
    };
    const held = (one) => {
        for (let box = one.parentElement; box && box !== root; box = box.parentElement) {
            if (scrolls(box)) return true;
        }
        return false;
    };
    const found = [];
    for (const one of root.querySelectorAll('*')) {
        const { left, right, width, height } = one.getBoundingClientRect();
        if (!width || !height || one.closest('.lw-spoken, .lw-ground, svg, [popover]')) continue;
        if (!one.checkVisibility({ visibilityProperty: true }) || held(one)) continue;
        if (right > bounds.right + 1 || left < bounds.left - 1) {
            found.push(`${named(one)} from ${left - bounds.left} to ${right - bounds.left}`
                + ` of ${bounds.width}`);
        }
        const style = getComputedStyle(one);
        const written = one.matches('button, select, input[type=number], input[type=text], label, '
            + 'span, p, div, dd') && (one.value || [...one.childNodes].some(
                (node) => node.nodeType === Node.TEXT_NODE && node.data.trim()));
        if (written && style.textOverflow !== 'ellipsis' && style.display !== 'inline'
            && one.scrollWidth > one.clientWidth + 1) {
            found.push(`${named(one)} has room for ${one.clientWidth} of ${one.scrollWidth}`);
        }
    }
    // What scrolls down has no business to scroll sideways.
    for (const box of root.querySelectorAll('.lw-body, .lw-looks')) {
        if (box.scrollWidth > box.clientWidth + 1) {
            found.push(`${named(box)} has room for ${box.clientWidth} of ${box.scrollWidth}`);
        }
    }
    if (root.scrollWidth > root.clientWidth) found.push(`${root.scrollWidth} in all`);
    const { scrollWidth, clientWidth } = root.closest('.jp-OutputArea-output');
    if (scrollWidth > clientWidth) found.push(`the output scrolls: ${scrollWidth}`);
    return found;
}"""
# Messages with room for fewer than three lines, of more: with no panel open beside them.
CRAMPED = """(root) => { return [...root.querySelectorAll('.lw-alert')].filter((one) =>
    one.checkVisibility() && one.scrollHeight > one.clientHeight + 1 && lines(one) < 3
).map((one) => `${lines(one)} lines in ${one.clientHeight} px of ${one.scrollHeight}`);
function lines(one) {
    const { lineHeight, paddingTop, paddingBottom } = getComputedStyle(one);
    const [line, above, below] = [lineHeight, paddingTop, paddingBottom].map(parseFloat);
    return (one.clientHeight - above - below) / line;
} }"""
# Controls of which nothing tells what they do while the mouse is over them.
SILENT = """(root) => {
    const controls = 'button, select, input, textarea, [role=slider], [role=separator], [role=tab]';
    const said = (one) => one.closest('[title]'); // by the widget, and not by the page around it
    const told = (one) => root.contains(said(one)) && said(one).title
        || one.getAttribute('aria-describedby');
    return [...root.querySelectorAll(controls)]
        .filter((one) => !one.closest('.lw-ground') && !told(one))
        .map((one) => one.outerHTML.slice(0, 160));
}"""
# Marks of which nothing tells what they mean: what is drawn or coloured and holds no words. What
# lies on a map has its words in the "?", since the mouse there belongs to the points; the pictures
# of a row of cells have theirs on the cells, and the corner between two heads means nothing.
UNTOLD = """(root) => {
    const around = 'section, [role=tablist], [role=group], [role=grid], .lw-root';
    const drawn = (one) => {
        const { backgroundColor, backgroundImage, borderTopWidth } = getComputedStyle(one);
        return one.matches('canvas, svg *') || borderTopWidth !== '0px'
            || backgroundColor !== 'rgba(0, 0, 0, 0)' || backgroundImage !== 'none';
    };
    // By the widget, and not by the page around it.
    const found = (one, what) => root.contains(one.closest(what)) && one.closest(what);
    const told = (one) => found(one, '[title]')?.title
        || one.closest('svg')?.querySelector('title')
        || found(one, `[aria-label]:not(${around})`)?.ariaLabel;
    const words = '.lw-save, .lw-help, .lw-spoken, [popover], [aria-hidden]:has(+ [role=grid])';
    return [...root.querySelectorAll('*:not(:has(> *))')]
        .filter((one) => one.checkVisibility({ visibilityProperty: true })
            && one.getBoundingClientRect().width > 0 && !one.textContent.trim() && drawn(one)
            && !one.closest(`.lw-ground, .lw-edge, .lw-mosaic, .lw-rowhead, ${words}`)
            && !told(one))
        .map((one) => one.outerHTML.slice(0, 160));
}"""
# Puts a mark that nothing tells of into a part of an explorer, looks, and takes it out again.
WITH_A_MARK = f"""(root) => {{
    const mark = document.createElement('i');
    mark.style.cssText = 'display: block; width: 8px; height: 8px; background: red';
    root.querySelector('.lw-part-editor .lw-body').append(mark);
    const found = ({UNTOLD})(root);
    mark.remove();
    return found;
}}"""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nothing_is_cut_at_any_width_and_every_control_and_mark_is_told(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook([SPACES, *CELLS.values()], own_page=True)
    tabs = 0
    notebook.page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    show_all(notebook)
    cramped: dict[str, list[str]] = {}
    for width in (420, 1200):
        set_room(notebook, width)
        for name, root in roots(notebook).items():
            cramped[f"{name} at {width} px"] = root.evaluate(CRAMPED)
    open_panels(notebook)
    silent = {name: root.evaluate(SILENT) for name, root in roots(notebook).items()}
    untold = {name: root.evaluate(UNTOLD) for name, root in roots(notebook).items()}
    assert len(roots(notebook)["explorer"].evaluate(WITH_A_MARK)) == 1
    wrong: dict[str, list[str]] = {}
    for width in (1200, 420):
        set_room(notebook, width)
        for name, root in roots(notebook).items():
            parts = root.locator(".lw-tab:visible").all_inner_texts() or [""]
            tabs += width == 420 and len(parts) > 1
            for part in parts:
                if part:
                    root.get_by_role("tab", name=part).evaluate("(tab) => tab.click()")
                    root.locator(".lw-tab[aria-selected=true]", has_text=part).wait_for()
                    wait_still(root)
                wrong[f"{name} {part} at {width} px"] = root.evaluate(STICKING_OUT)
    assert tabs == sum("explore(" in cell for cell in CELLS.values())
    assert {name: found for name, found in silent.items() if found} == {}
    assert {where: found for where, found in cramped.items() if found} == {}
    assert {name: found for name, found in untold.items() if found} == {}
    assert {where: found for where, found in wrong.items() if found} == {}
