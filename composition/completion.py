"""When erasures of a deployment are complete."""

from composition.foundation import Foundation
from vault.budget import DAY_MS
from vault.completing import Completing


def completing_of(base: Foundation) -> Completing:
    """By the copies that its shred ledger tells of, and the snapshots that its settings do."""
    return Completing(base.destruction.ledger, base.chosen.snapshot_days * DAY_MS)
