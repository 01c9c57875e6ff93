"""What an operator reads when a backup cannot be made, read or put back: one line that names the way out."""

from vault.errors import BackupError, LedgerError

_BACKUP = {
    "recipient": "a recipient is an age public key (age1…), such as age-keygen prints",
    "same_recipient": "keyring and data need different recipients: who holds both halves can read everything",
    "identity": "an identity file holds age private keys (AGE-SECRET-KEY-1…), one a line",
    "not_openable": "no identity opens the archive: give the one whose recipient it was sealed to",
    "damaged": "the archive is damaged or cut off: take another copy of it",
    "other_format": "the archive is of another format: use the version of Moat that made it",
    "unsigned": "the archive was not made by this deployment: the key in keys/ledger.key has not signed it",
    "other_half": "these are not one data half and one keyring half: give the .data.age file, then the .keyring.age file",
    "no_match": "the two halves were not made together: give both halves of one backup",
    "other_revision": "the backup was made by a later version of Moat: restore it with that version",
    "not_empty": "the database is not empty: restore into a new one",
    "undecided_table": "a table belongs to no half of a backup, which is a fault of this version",
}

_LEDGER = {
    "missing": "shred.ledger is missing: put it back from its newest copy",
    "key_missing": "keys/ledger.key is missing: put it back beside the root key",
    "head_missing": "keys/ledger.head is missing: put it back beside the root key",
    "readable_by_others": "others may read keys/ledger.key: chmod 600 it",
    "damaged": "the shred ledger is damaged: put it back from its newest copy",
    "cut": "the shred ledger ends before its head: it was cut or rolled back; put its newest copy back",
    "forked": "the shred ledger is not the one that this deployment has written: put its newest copy back",
    "foreign": "the shred ledger belongs to another key: put this deployment's own back",
    "other_database": "the shred ledger belongs to another deployment: put this deployment's own back",
    "behind_database": "the shred ledger is older than the database or the backup: put its newest copy back",
    "not_open": "the shred ledger could not be opened",
}


def backup_line(error: BackupError) -> str:
    """Why a backup cannot be used."""
    return f"{_BACKUP[error.cause]}; nothing was changed"


def ledger_line(error: LedgerError) -> str:
    """Why the shred ledger cannot be relied on."""
    return f"{_LEDGER[error.cause]}; nothing was changed"
