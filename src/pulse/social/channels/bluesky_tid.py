"""Timestamp identifiers of the AT Protocol, the form Bluesky wants record keys in.

Source: https://atproto.com/specs/tid: 53 bits of Unix microseconds and 10 bits of clock id, as 13 characters of a
base 32 alphabet that sorts as the numbers do.
"""

import secrets
import threading
from datetime import datetime

ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
LENGTH = 13
_CLOCK_BITS = 10


def encode(microseconds: int, clock_id: int) -> str:
    """Return the TID of a moment. Raises `ValueError` when a number does not fit its bits."""
    if not 0 <= microseconds < 1 << 53 or not 0 <= clock_id < 1 << _CLOCK_BITS:
        raise ValueError(f"no TID for {microseconds} µs, clock {clock_id}")
    value = microseconds << _CLOCK_BITS | clock_id
    return "".join(ALPHABET[value >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))


def decode(tid: str) -> tuple[int, int]:
    """Return microseconds and clock id of a TID. Raises `ValueError` if it is none."""
    if len(tid) != LENGTH or any(letter not in ALPHABET for letter in tid) or ALPHABET.index(tid[0]) >= 16:
        raise ValueError(f"{tid!r} is not a TID")
    value = 0
    for letter in tid:
        value = value << 5 | ALPHABET.index(letter)
    return value >> _CLOCK_BITS, value & (1 << _CLOCK_BITS) - 1


class TidClock:
    """Makes TIDs that never repeat and always grow, whatever the system's clock does. Safe between threads.

    The clock id is drawn at random, so that two processes that ask in the same microsecond differ.
    """

    def __init__(self, clock_id: int | None = None) -> None:
        self._clock_id = secrets.randbelow(1 << _CLOCK_BITS) if clock_id is None else clock_id
        self._last = 0
        self._lock = threading.Lock()

    def next(self, now: datetime) -> str:
        """Return the next TID, at `now` or just after the last one."""
        with self._lock:
            self._last = max(int(now.timestamp() * 1_000_000), self._last + 1)
            return encode(self._last, self._clock_id)
