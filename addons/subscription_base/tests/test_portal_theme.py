import re
from pathlib import Path

from odoo.modules import get_module_path
from odoo.tests import tagged

from .common import shows
from .portal_common import PortalCommon

FIXED_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b(?!\w)|rgba?\(|hsla?\(")


@tagged("post_install", "-at_install")
class TestPortalTheme(PortalCommon):
    """A company gives the customers' pages its own looks."""

    def _get_styles(self):
        """The style sheets of the suite's modules."""
        names = self.env["ir.module.module"].search([("name", "=like", "subscription%")])
        for module in names.filtered(lambda module: module.state == "installed"):
            folder = Path(get_module_path(module.name)) / "static" / "src"
            yield from (path for path in folder.rglob("*.scss") if "portal" in path.name)

    @shows("K3-45")
    def test_no_page_fixes_a_colour(self):
        pages = self.env["ir.ui.view"].search(
            [("type", "=", "qweb"), ("key", "=like", "subscription%portal%")]
        )
        self.assertGreater(len(pages), 40)
        for page in pages:
            with self.subTest(page=page.key):
                self.assertNotRegex(page.arch_db, FIXED_COLOUR)
                self.assertNotRegex(page.arch_db, r'style="[^"]*color')
        for path in self._get_styles():
            with self.subTest(style=path.name):
                self.assertNotRegex(path.read_text(), FIXED_COLOUR)

    @shows("K3-45")
    def test_a_theme_changes_a_page_by_inheriting_it(self):
        page = self.env.ref("subscription_base.portal_subscription_page")
        self.env["ir.ui.view"].create(
            {
                "name": "theme",
                "type": "qweb",
                "key": "theme.portal_subscription_page",
                "inherit_id": page.id,
                "mode": "extension",
                "arch": """<data><xpath expr="//div[hasclass('o_subscription_page')]"
                    position="attributes"><attribute name="class" add="theme-of-the-company"
                    separator=" "/></xpath></data>""",
            }
        )
        self._login()
        self.assertIn("theme-of-the-company", self._get().text)
