"""The DevTools protocol: requests, answers and events over one websocket."""

import itertools
import json
import time

import websocket

from suite.console import Problem

ANSWER_SECONDS = 30


class DevTools:
    """A connection to a browser. `listeners` get the events of their page's session."""

    def __init__(self, url):
        self._socket = websocket.create_connection(
            url, timeout=ANSWER_SECONDS, suppress_origin=True
        )
        self._numbers = itertools.count(1)
        self.listeners = {}

    def call(self, method, session=None, **parameters):
        """Send a request and return its answer; events that come first go to the listeners."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        try:
            self._socket.send(json.dumps(message))
            return self._answer(number, method)
        except (websocket.WebSocketException, OSError) as error:
            raise Problem(f"the browser does not answer {method}: {error}") from error

    def _answer(self, number, method):
        end = time.monotonic() + ANSWER_SECONDS
        while (left := end - time.monotonic()) > 0:
            message = self._receive(left)
            if message and message.get("id") == number:
                if "error" in message:
                    raise Problem(f"the browser refuses {method}: {message['error']['message']}")
                return message["result"]
        raise Problem(f"the browser does not answer {method}")

    def listen(self, seconds):
        """Hand events out until the time is up."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._receive(left)

    def _receive(self, seconds):
        """The next message, after its listener if it is an event; None when none comes."""
        self._socket.settimeout(max(seconds, 0.001))
        try:
            message = json.loads(self._socket.recv())
        except websocket.WebSocketTimeoutException:
            return None
        except (websocket.WebSocketException, OSError) as error:
            raise Problem(f"the browser has gone: {error}") from error
        listener = self.listeners.get(message.get("sessionId"))
        if listener and "method" in message:
            listener(message["method"], message["params"])
        return message

    def close(self):
        self._socket.close()
