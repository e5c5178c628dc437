"""What the person at the terminal sees: messages, progress, and one line for each problem."""

import contextlib
import sys
import threading
import time

PLAIN_INTERVAL = 5.0  # seconds between two progress lines where no terminal is attached
TICK = 0.15
FRAMES = "|/-\\"


class Problem(Exception):
    """Something that a person can put right. Shown as one line, never as a traceback."""


class Console:
    """Serialises output and keeps one progress line for all that is under way."""

    def __init__(self, stream=None):
        self.stream = stream or sys.stdout
        self.started = time.monotonic()
        self._lock = threading.RLock()
        self._active = []
        self._ticker = None
        self._drawn = False

    @property
    def is_terminal(self):
        return self.stream.isatty()

    def say(self, text):
        """Print one message with the time since the start."""
        with self._lock:
            self._wipe()
            elapsed = time.monotonic() - self.started
            print(f"[{elapsed:6.1f}s] {text}", file=self.stream, flush=True)

    def clear(self):
        """Take the progress line away before something else prints."""
        with self._lock:
            self._wipe()
            self.stream.flush()

    @contextlib.contextmanager
    def progress(self, text, detail=None):
        """Show `text` with the elapsed time (and `detail()`, if given) until the block ends."""
        task = {"text": text, "detail": detail, "start": time.monotonic(), "said": 0.0}
        with self._lock:
            self._active.append(task)
            if self._ticker is None:
                self._ticker = threading.Thread(target=self._tick, daemon=True)
                self._ticker.start()
        try:
            yield
        finally:
            with self._lock:
                self._active.remove(task)
                self._wipe()
                self.stream.flush()
        self.say(f"{text}: done in {time.monotonic() - task['start']:.1f} s")

    # ------------------------------------------------------------------ drawing
    def _tick(self):
        frame = 0
        while True:
            time.sleep(TICK)
            with self._lock:
                if not self._active:
                    self._ticker = None
                    return
                if self.is_terminal:
                    frame += 1
                    self._draw(FRAMES[frame % len(FRAMES)])
                else:
                    self._report()

    def _describe(self, task):
        elapsed = time.monotonic() - task["start"]
        detail = ""
        if task["detail"]:
            with contextlib.suppress(Exception):
                detail = task["detail"]() or ""
        return f"{task['text']} ({elapsed:.0f} s{', ' + detail if detail else ''})"

    def _draw(self, frame):
        line = f"{frame} " + " | ".join(map(self._describe, self._active))
        self.stream.write("\r\033[K" + line[:150])
        self.stream.flush()
        self._drawn = True

    def _wipe(self):
        if self._drawn:
            self.stream.write("\r\033[K")
            self._drawn = False

    def _report(self):
        now = time.monotonic()
        for task in self._active:
            if now - max(task["start"], task["said"]) >= PLAIN_INTERVAL:
                task["said"] = now
                self.say(f"... {self._describe(task)}")


console = Console()
say = console.say
progress = console.progress
