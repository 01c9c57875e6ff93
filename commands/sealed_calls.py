"""The commands of `moat relay` about the stream of calls that a law asks for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from audit.entry import Actor, ActorKind
from audit.log import AuditLog
from commands.host import opened_database
from composition.clock import utc_now
from database.columns import millis
from masking.relay.calls.host import LegalHost
from masking.relay.calls.legal_cli import legal_commands
from masking.relay.calls.legal_keys import LegalKeys
from masking.relay.calls.legal_taking import LegalTaking
from masking.relay.calls.rule_book import RuleBook
from vault.opaque_id import reads_as_personal
from web.issuance import CredentialDesk
from web.principal import Scope


@contextmanager
def opened_legal(*, data: Path | None, database: str | None) -> Iterator[LegalHost]:
    """The sealed calls of a deployment, for people on its host."""
    opened_here, log = opened_database(data, database), AuditLog()
    credentials = CredentialDesk(opened_here, log, bootstrap_ended=lambda: None)

    def holder(text: str) -> tuple[int, Actor] | None:
        found = credentials.principal(text, millis(utc_now()))
        if found is None or not found.may(Scope.RELAY_CALLS):
            return None
        return found.tenant, Actor(ActorKind.CREDENTIAL, found.credential, found.role.value)

    try:
        yield LegalHost(
            keys=LegalKeys(opened_here, log, RuleBook(), utc_now),
            taking=LegalTaking(opened_here, log, reads_as_personal),
            holder=holder,
            now=utc_now,
        )
    finally:
        opened_here.dispose()


def opened_legal_commands() -> Sequence[click.Command]:
    """The commands, over a deployment's database."""
    return legal_commands(opened_legal)
