"""`moat policy`."""

from composition.catalogue import catalogue_at
from vault.policy_cli import policy_group

policy = policy_group(catalogue_at)
