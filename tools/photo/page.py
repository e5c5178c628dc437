"""One browser tab: open an address, wait until nothing happens any more, photograph it."""

import base64
import contextlib
import json
import time

from suite.console import Problem

PATIENCE = 40
QUIET = 0.35
MOST_SHOWN = 300
BACKGROUND = "/bus/websocket_worker_bundle"  # its answer is reported to the worker only

#: What moves, blinks or tells the time would make two pictures of the same page differ.
STILL = """
(() => {
    if (document.getElementById("photo-still")) return;
    const style = document.createElement("style");
    style.id = "photo-still";
    style.textContent = `
        *, *::before, *::after {
            animation: none !important; transition: none !important;
            caret-color: transparent !important; scroll-behavior: auto !important;
        }
        .o-mail-ImStatus { display: none !important; }
        .o-mail-Message-date { visibility: hidden !important; }
    `;
    document.head.append(style);
    if (document.activeElement) document.activeElement.blur();
})()
"""

#: Empty when the page is complete; otherwise what is still missing.
MISSING = """
(selector => {
    if (document.readyState !== "complete") return "the document";
    if (document.querySelector(".o_loading_indicator, .o_blockUI")) return "an answer";
    if (!document.querySelector(selector)) return selector;
    if (document.fonts.status !== "loaded") return "fonts";
    const lazy = image => image.loading === "lazy";
    if ([...document.images].some(image => !image.complete && !lazy(image))) return "images";
    return "";
})(%s)
"""

#: A CSS selector, or an equals sign and the text of an item in an open menu.
CLICK = """
(element => {
    if (element) element.click();
    return Boolean(element);
})((what => what.startsWith("=")
    ? [...document.querySelectorAll(".o-dropdown--menu .dropdown-item")]
        .find(item => item.textContent.trim() === what.slice(1))
    : document.querySelector(what)
)(%s))
"""

#: As if it had been typed.
WRITE = """
(([element, text]) => {
    if (element) {
        element.focus();
        element.value = text;
        element.dispatchEvent(new InputEvent("input", {bubbles: true}));
        element.dispatchEvent(new Event("change", {bubbles: true}));
        element.blur();
    }
    return Boolean(element);
})([document.querySelector(%s), %s])
"""

SCROLL = """
(element => {
    if (element) element.scrollIntoView({block: "end", behavior: "instant"});
    return Boolean(element);
})(document.querySelector(%s))
"""

DIALOG = """
(() => {
    const dialog = document.querySelector(".o_error_dialog");
    return dialog ? dialog.innerText : "";
})()
"""


class Page:
    """A tab with its own cookies."""

    def __init__(self, devtools):
        self._devtools = devtools
        self._context = devtools.call("Target.createBrowserContext")["browserContextId"]
        self._target = devtools.call(
            "Target.createTarget", url="about:blank", browserContextId=self._context
        )["targetId"]
        self._session = devtools.call("Target.attachToTarget", targetId=self._target, flatten=True)[
            "sessionId"
        ]
        self._pending = {}
        self._last_traffic = 0.0
        self.complaints = []
        devtools.listeners[self._session] = self._event
        for domain in ("Page", "Runtime", "Network", "Log"):
            self._call(f"{domain}.enable")
        self._call("Emulation.setFocusEmulationEnabled", enabled=True)
        self._call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-reduced-motion", "value": "reduce"}],
        )

    def _call(self, method, **parameters):
        return self._devtools.call(method, self._session, **parameters)

    # ------------------------------------------------------------------ what the page reports
    def _event(self, method, event):
        if method == "Network.requestWillBeSent":
            if BACKGROUND not in event["request"]["url"]:
                self._pending[event["requestId"]] = event["request"]["url"]
        elif method in ("Network.loadingFinished", "Network.loadingFailed"):
            self._pending.pop(event["requestId"], None)
        elif method == "Runtime.exceptionThrown":
            self._complain(_exception(event["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and event["type"] in ("error", "assert"):
            values = [str(value.get("value", value.get("description"))) for value in event["args"]]
            self._complain(" ".join(values))
        elif method == "Log.entryAdded" and event["entry"]["level"] == "error":
            self._complain(f"{event['entry']['text']} {event['entry'].get('url', '')}")
        if method.startswith("Network.request") or method.startswith("Network.loading"):
            self._last_traffic = time.monotonic()

    def _complain(self, text):
        self.complaints.append(" ".join(text.split())[:MOST_SHOWN])

    # ------------------------------------------------------------------ what is done with it
    def set_size(self, width, height, mobile=False):
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=mobile,
        )
        self._call("Emulation.setTouchEmulationEnabled", enabled=mobile)

    def set_cookie(self, url, name, value):
        self._call("Network.setCookie", url=url, name=name, value=value)

    def evaluate(self, expression):
        """The value of a piece of JavaScript; promises are waited for."""
        answer = self._call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise Problem(_exception(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def open(self, url, selector):
        """Open an address and wait until it is complete."""
        self._pending.clear()
        answer = self._call("Page.navigate", url=url)
        if "errorText" in answer:
            raise Problem(answer["errorText"])
        self.wait_for(selector)

    def click(self, selector):
        """Click on the first element that matches."""
        self._do(CLICK, selector)

    def write(self, selector, text):
        """Replace what the first field that matches holds."""
        self._do(WRITE, selector, text)

    def scroll_to(self, selector):
        """Bring an element to the lower end of the window unless it is in sight."""
        self._do(SCROLL, selector)

    def _do(self, script, selector, *values):
        parameters = tuple(json.dumps(value) for value in (selector, *values))
        if not self.evaluate(script % parameters):
            raise Problem(f"there is no {selector}")

    def wait_for(self, selector):
        """Until `selector` is there, all requests are answered and everything is loaded."""
        end = time.monotonic() + PATIENCE
        missing = selector
        while time.monotonic() < end:
            self._devtools.listen(0.1)
            with contextlib.suppress(Problem):  # between two documents there is none to ask
                missing = self.evaluate(MISSING % json.dumps(selector))
            if self.complaints or (dialog := self._dialog()):
                raise Problem(" / ".join(self.complaints) or dialog)
            quiet = time.monotonic() - self._last_traffic > QUIET
            if not missing and not self._pending and quiet:
                return
        waiting = missing or ", ".join(self._pending.values()) or "an end of requests"
        raise Problem(f"still waiting for {waiting} after {PATIENCE} s")

    def _dialog(self):
        with contextlib.suppress(Problem):
            return " ".join((self.evaluate(DIALOG) or "").split())[:MOST_SHOWN]
        return ""

    def photograph(self):
        """The visible part of the page as PNG bytes."""
        self.evaluate(STILL)
        self.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 100)))")
        return base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"])

    def close(self):
        self._devtools.listeners.pop(self._session, None)
        self._devtools.call("Target.closeTarget", targetId=self._target)
        self._devtools.call("Target.disposeBrowserContext", browserContextId=self._context)


def _exception(details):
    return details.get("exception", {}).get("description") or details["text"]
