"""The states of a relay number, and how it goes from one to another.

    new          is there, and not given out yet
    available    is given out
    frozen       gets no new binding; those that there are go on
    quarantined  connects nobody, until it has rested (complaints, a report of the carrier)
    suspended    the carrier does not serve it now
    retired      for good: the row stays, so that nobody adds it again by mistake

A number that is `available` and rests (`not_before`) gets no new binding either: somebody who had it was erased, or anybody could
dial it not long ago.
"""

from masking.relay.decision import NumberState
from masking.relay.errors import StateChangeError

RETIRED_REST_MS = 60 * 86_400_000
"""How long a retired number is quiet before it is given back to the carrier, who gives it to strangers."""

_NEW, _AVAILABLE, _FROZEN = NumberState.NEW, NumberState.AVAILABLE, NumberState.FROZEN
_QUARANTINED, _SUSPENDED, _RETIRED = NumberState.QUARANTINED, NumberState.SUSPENDED, NumberState.RETIRED

MOVES: dict[NumberState, frozenset[NumberState]] = {
    _NEW: frozenset({_AVAILABLE, _RETIRED}),
    _AVAILABLE: frozenset({_FROZEN, _QUARANTINED, _SUSPENDED, _RETIRED}),
    _FROZEN: frozenset({_AVAILABLE, _QUARANTINED, _SUSPENDED, _RETIRED}),
    _QUARANTINED: frozenset({_AVAILABLE, _RETIRED}),
    _SUSPENDED: frozenset({_AVAILABLE, _FROZEN, _QUARANTINED, _RETIRED}),
    _RETIRED: frozenset(),
}


def rests_until(state: NumberState, wanted: NumberState, at: int, *, not_before: int, load: int, rest: int) -> int:
    """Until when a number rests that goes from a state to another at `at`. `rest` is how long a quarantine lasts, `load` how many
    live bindings it has. Times are milliseconds since the epoch.

    Raises:
        StateChangeError: it may not, not yet, or not while it is bound.
    """
    if wanted not in MOVES[state]:
        raise StateChangeError
    if wanted is _RETIRED:
        if load:
            raise StateChangeError
        return at + RETIRED_REST_MS
    if wanted is _QUARANTINED:
        return max(not_before, at + rest)
    if state is _QUARANTINED and at < not_before:
        raise StateChangeError
    return not_before
