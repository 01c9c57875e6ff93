"""Limits as buckets that empty evenly (the generic cell rate algorithm of ITU-T I.371).

A bucket says when it will be empty, so that one row serves all time and all processes. What does not fit takes nothing of it, and
is counted. Times are in microseconds."""

from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """When it will be empty, and how many in a row did not fit since one did."""

    full_at: int
    over: int

    def take(self, now: int, step: int, span: int) -> int:
        """Take an attempt of `step` at `now`, if a bucket that empties in `span` has room for it: 0. Otherwise how many in a row
        did not fit by now."""
        begins = max(self.full_at, now)
        if begins + step - now > span:
            self.over += 1
        else:
            self.full_at, self.over = begins + step, 0
        return self.over
