"""What can be photographed: a page of the server, a mail as it is sent, a PDF as it is printed."""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass

from suite.odoo_env import open_env

from .page import Page

DESKTOP = (1440, 900)
PHONE = (390, 844)
PORTAL = (1080, 720)
TALLEST = 3000
WHOLE_HEIGHT = """
(page => page ? page.scrollHeight : document.documentElement.scrollHeight)(
    document.querySelector("#wrapwrap")
)
"""
MAIL = (700, 900)
PAPER_SCALE = 1.4
LANGUAGE_COOKIE = "frontend_lang"


@dataclass(frozen=True)
class Picture:
    """A page to photograph.

    `find(env)` gives its address, `selector` is what has to be there, `clicks` are what is
    clicked on beforehand (with a text: what is written there), and `show` is what is scrolled to.
    Without a `login` it is what a customer sees who follows a link. A `tall` picture shows the
    whole page, however long it is.
    """

    name: str
    find: Callable
    selector: str
    view: str = ""
    login: str = "admin"
    lang: str = "en_US"
    size: tuple = DESKTOP
    clicks: tuple = ()
    show: str = ""
    tall: bool = False

    def take(self, running, devtools):
        """Photograph it.

        :param running: the server.
        :param devtools: the connection to the browser.
        :return: PNG bytes.
        """
        with open_env(running.database, "admin", {"lang": self.lang}) as env:
            address = self.find(env) + (f"?view_type={self.view}" if self.view else "")
            self._let_read(env)
        page = Page(devtools)
        try:
            page.set_size(*self.size, mobile=self.size == PHONE)
            page.set_cookie(running.url, LANGUAGE_COOKIE, self.lang)
            if self.login:
                session = running.log_in(self.login)
                page.set_cookie(running.url, "session_id", session)
            page.open(running.url + address, self.selector)
            for step in self.clicks:
                if isinstance(step, tuple):
                    page.write(*step)
                else:
                    page.click(step)
                page.wait_for(self.selector)
            if self.show:
                page.scroll_to(self.show)
                page.wait_for(self.selector)
            if self.tall:
                width, height = self.size
                height = min(max(height, page.evaluate(WHOLE_HEIGHT)), TALLEST)
                page.set_size(width, height, mobile=self.size == PHONE)
                page.wait_for(self.selector)
            return page.photograph()
        finally:
            page.close()

    def _let_read(self, env):
        """Whoever logs in reads the language of the picture."""
        if self.login:
            user = env["res.users"].search([("login", "=", self.login)])
            user.sudo().lang = self.lang


@dataclass(frozen=True)
class Mail:
    """A mail to photograph: `find(env)` sends it to somebody who reads `lang`, and returns it."""

    name: str
    find: Callable
    lang: str = "en_US"
    size: tuple = MAIL

    def take(self, running, devtools):
        """Photograph the mail; return PNG bytes."""
        with open_env(running.database, "admin", {"lang": self.lang}) as env:
            mail = self.find(env)
            base = mail.get_base_url()
            html = (
                f"<!DOCTYPE html><meta charset='utf-8'><body style='margin:16px'>"
                f"<p style='font:600 16px sans-serif'>{mail.subject}</p>{mail.body_html}"
            ).replace(base, running.url)
        page = Page(devtools)
        try:
            page.set_size(*self.size)
            content = base64.b64encode(html.encode()).decode()
            page.open(f"data:text/html;base64,{content}", "body")
            width, _height = self.size
            page.set_size(width, page.evaluate("document.documentElement.offsetHeight"))
            return page.photograph()
        finally:
            page.close()


@dataclass(frozen=True)
class Paper:
    """A report to photograph: `find(env)` gives its XML id and the record, for the language."""

    name: str
    find: Callable
    lang: str = "en_US"

    def take(self, running, devtools):
        """Print the PDF and photograph its first page; return PNG bytes."""
        import pypdfium2

        with open_env(running.database, "admin", {"lang": self.lang}) as env:
            env["ir.config_parameter"].set_param("report.url", running.url)
            report, record = self.find(env)
            env.cr.commit()  # the printing program asks the server for the style sheets
            pdf, _type = env["ir.actions.report"]._render_qweb_pdf(report, record.ids)
        page = pypdfium2.PdfDocument(pdf)[0]
        stream = io.BytesIO()
        page.render(scale=PAPER_SCALE).to_pil().save(stream, "PNG")
        return stream.getvalue()
