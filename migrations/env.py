"""How Alembic runs a revision: on the connection it is given, every table known, one transaction for all."""

from alembic import context

import audit.tables
import consent.tables
import consent.webhook.tables
import dsar.alerts.tables
import dsar.desk.tables
import dsar.disclosure.tables
import dsar.erasure.tables
import dsar.holders.tables
import dsar.holds.tables
import dsar.identity.tables
import dsar.retention.tables
import masking.relay.accounts.tables
import masking.relay.calls.tables
import masking.relay.providers.tables
import masking.relay.tables
import masking.relay.text.tables
import pages.staff.tables
import vault.devices.tables
import vault.handover.tables
import vault.inner_keys.tables
import vault.letters.tables
import vault.pictures.tables
import vault.protection.tables
import vault.shifts.tables
import vault.tables
import vault.traces.tables
import web.tables
import work.tables
from database.columns import metadata

MODELS = (
    audit.tables,
    consent.tables,
    consent.webhook.tables,
    dsar.alerts.tables,
    dsar.desk.tables,
    dsar.disclosure.tables,
    dsar.erasure.tables,
    dsar.holders.tables,
    dsar.holds.tables,
    dsar.identity.tables,
    dsar.retention.tables,
    masking.relay.accounts.tables,
    masking.relay.calls.tables,
    masking.relay.providers.tables,
    masking.relay.tables,
    masking.relay.text.tables,
    vault.devices.tables,
    vault.handover.tables,
    vault.inner_keys.tables,
    vault.letters.tables,
    vault.pictures.tables,
    vault.protection.tables,
    vault.shifts.tables,
    pages.staff.tables,
    vault.tables,
    vault.traces.tables,
    web.tables,
    work.tables,
)
"""Imported for their effect: each registers its tables."""


def run() -> None:
    """Run the revisions on `config.attributes["connection"]`."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
