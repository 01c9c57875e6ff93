"""`moat keys`."""

import settings
from composition.key_moves import opened_move
from vault.keys_cli import keys_group
from vault.provider_cli import provider_group

keys = keys_group()
keys.add_command(provider_group(opened_move, settings.key_options))
