"""Accessibility of portal pages, judged by axe-core in a real browser."""

import json
from pathlib import Path

import axe_core_python

AXE = Path(axe_core_python.__file__).with_name("axe.min.js")
WIDTHS = {"desktop": 1280, "phone": 390}

#: Opens each page in a frame as wide as the screen, and looks at what is in it.
CHECK = """
const AXE = %(axe)s, PAGES = %(pages)s, WIDTHS = %(widths)s;
const frame = document.createElement("iframe");
frame.title = "page";
frame.style.height = "900px";
document.body.append(frame);

const open = (url) => new Promise((done) => {
    frame.onload = () => setTimeout(done, 300);
    frame.src = url;
});
const judge = async (context) => {
    const page = frame.contentWindow;
    if (!page.axe) { page.eval(AXE); }
    const result = await page.axe.run(context || { include: [["#wrap"]], exclude: %(foreign)s },
        { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
          rules: { region: { enabled: false } } });
    return result.violations.filter((found) => ["serious", "critical"].includes(found.impact));
};
const tell = (violations) => violations.map((found) =>
    found.id + ": " + found.nodes.map((node) => node.html.slice(0, 200)).join(" | "));
const keyboard = () => {
    const all = frame.contentDocument.querySelectorAll(
        "a[href], button, input:not([type=hidden]), select, textarea, summary");
    const seen = [...all].filter((node) =>
        node.offsetParent && node.closest("#wrap")
        && !node.closest("#discussion, [aria-hidden=true]"));
    return seen.filter((node) => {
        node.focus();
        return node.tabIndex !== 0 || frame.contentDocument.activeElement !== node;
    });
};
(async () => {
    const problems = [];
    for (const [name, width] of Object.entries(WIDTHS)) {
        frame.style.width = width + "px";
        for (const url of PAGES) {
            await open(url);
            const where = `${url} (${name}): `, body = frame.contentDocument;
            const heading = url.startsWith("/my/orders/") ? "h2" : "h1";  // Odoo's own page
            if (!body.querySelector(`#wrap ${heading}`)) {
                problems.push(where + "no heading");
                continue;
            }
            problems.push(...tell(await judge()).map((text) => where + text));
            for (const node of keyboard()) {
                problems.push(where + "no keyboard: " + node.outerHTML.slice(0, 200));
            }
            const wide = body.documentElement.scrollWidth;
            if (wide > width) { problems.push(`${where}${wide} pixels wide`); }
        }
    }
    %(more)s
    if (problems.length) { throw new Error(problems.join("\\n")); }
    console.log("test successful");
})().catch((error) => console.error(error.message));
"""


def axe_check(pages, foreign=(), more=""):
    """The script that checks pages on a desktop and on a phone.

    :param pages: addresses of pages with the element ``#wrap``.
    :param foreign: CSS selectors of what Odoo itself puts there.
    :param str more: JavaScript that adds to ``problems``; it may ``open`` and ``judge``.
    :rtype: str
    """
    return CHECK % {
        "axe": json.dumps(AXE.read_text(encoding="utf-8")),
        "pages": json.dumps(list(pages)),
        "widths": json.dumps(WIDTHS),
        "foreign": json.dumps([[selector] for selector in foreign]),
        "more": more,
    }
