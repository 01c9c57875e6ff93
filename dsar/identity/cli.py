"""`moat dsar standing`, `see` and `session-key`: who makes requests, by a service (MOAT_URL and MOAT_TOKEN).

Exit status: 0 it was done; 1 it was refused; 2 wrong options.
"""

from collections.abc import Sequence
from typing import TextIO
from uuid import UUID

import click
from moat_client.identity import Standing

from dsar.identity.level_policy import Proof
from dsar.identity.verifying import Document
from work.cli import connected

_REQUEST = click.argument("request", type=click.UUID)
_PROOFS = click.Choice([proof.value for proof in Proof])
_DOCUMENTS = click.Choice([document.value for document in Document])


def identity_commands() -> Sequence[click.Command]:
    """The commands."""
    return _standing, _see, _keys


@click.command("standing")
@_REQUEST
def _standing(request: UUID) -> None:
    """Show how surely it is known who made REQUEST, and what is missing."""
    with connected() as moat:
        _tell(moat.identity.standing(str(request)))


@click.command("see")
@_REQUEST
@click.argument("proof", type=_PROOFS, metavar="PROOF")
@click.argument("document", type=_DOCUMENTS, metavar="DOCUMENT")
def _see(request: UUID, proof: str, document: str) -> None:
    """Note that you have seen a DOCUMENT which shows PROOF for REQUEST. No copy of it is kept.

    PROOF is identity, relation, authority, death or kinship. DOCUMENT is id_card, passport, network_id, household_register,
    court_decision, signed_authority, death_certificate or other.
    """
    with connected() as moat:
        _tell(moat.identity.seen(str(request), proof, document))


@click.group("session-key")
def _keys() -> None:
    """Keys by which the platform's server signs who has signed in there."""


@_keys.command("add")
@click.argument("file", type=click.File("r", encoding="ascii"))
def _add(file: TextIO) -> None:
    """Let assertions be signed by the Ed25519 or P-256 key whose public half is in FILE (PEM); prints its name, the kid."""
    with connected() as moat:
        click.echo(moat.identity.add_session_key(file.read()))


@_keys.command("list")
def _list() -> None:
    """List the keys."""
    with connected() as moat:
        for one in moat.identity.session_keys():
            click.echo(f"{one['key']}  {one['algorithm']}  {one['created_at']}")


@_keys.command("revoke")
@click.argument("key")
def _revoke(key: str) -> None:
    """Accept nothing more that KEY has signed."""
    with connected() as moat:
        moat.identity.revoke_session_key(key)


def _tell(standing: Standing) -> None:
    verified = "verified" if standing.verified else "not verified"
    lacking = f", missing {' and '.join(standing.missing)}" if standing.missing else ""
    click.echo(f"{standing.request}  {verified}  {standing.level} of {standing.needed}{lacking}  {standing.state}")
