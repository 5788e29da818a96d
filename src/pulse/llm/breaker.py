"""Whether a provider that failed again and again is asked at all. No input or output.

M. Nygard, Release It!, "Circuit Breaker": closed while it works, open for a rest after failures in a row, then one try.
"""

from dataclasses import dataclass


@dataclass
class Breaker:
    """Opens for `rest_seconds` after `threshold` failures in a row. Moments are seconds of a monotonic clock."""

    threshold: int = 5
    rest_seconds: float = 30.0
    failures: int = 0
    open_until: float = 0.0

    def admits(self, now: float) -> bool:
        """Say whether a call may be made. After a rest one may; until it has ended no other."""
        if self.failures < self.threshold:
            return True
        if now < self.open_until:
            return False
        # Whoever made the one try may die with it: another rest, and there is another.
        self.open_until = now + self.rest_seconds
        return True

    def succeeded(self) -> None:
        """Close."""
        self.failures = 0

    def failed(self, now: float) -> None:
        """Count a failure of the provider, not of what was asked."""
        self.failures += 1
        if self.failures >= self.threshold:
            self.open_until = now + self.rest_seconds
