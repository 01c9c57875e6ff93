"""`moat retention`."""

from composition.retention import opened_policies
from dsar.retention.cli import retention_group

retention = retention_group(opened_policies)
