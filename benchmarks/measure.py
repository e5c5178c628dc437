"""Ways of doing the same work, measured in turns so that a busy machine slows all of them."""

import statistics
import time


def interleave(ways, rounds, size):
    """Return ``{way: [documents a second, ...]}``, one figure a round.

    Each way has ``name``, ``prepare(number)`` (not measured) and ``run()``. The first round warms
    up the caches and is not counted; who begins changes from round to round.

    :param list ways: objects
    :param int rounds: counted rounds
    :param int size: documents in a round
    """
    figures = {way.name: [] for way in ways}
    for number in range(rounds + 1):
        shift = number % len(ways)
        for way in ways[shift:] + ways[:shift]:
            way.prepare(number)
            start = time.perf_counter()
            way.run()
            elapsed = time.perf_counter() - start
            if number:
                figures[way.name].append(size / elapsed)
    return figures


def compare(ours, other, unit):
    """Return one result: our median, the other's, and the median of the rounds' ratios."""
    return {
        "value": round(statistics.median(ours), 2),
        "unit": unit,
        "ratio": round(statistics.median(a / b for a, b in zip(ours, other, strict=True)), 3),
        "against": round(statistics.median(other), 2),
    }
