"""`moat backup`."""

from composition.backup import opened_backups
from vault.backup.cli import backup_group

backup = backup_group(opened_backups)
