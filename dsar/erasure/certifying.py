"""Certificates on demand: what stands in rows since the end, the date D as it is known now, the log's proof, and a signature."""

from datetime import datetime
from uuid import UUID

import orjson

from audit.entry import Act as LogAct
from audit.entry import Action, Group, Outcome, Reason
from audit.reader import StoredEntry, entries_of_act
from database.columns import millis
from database.transaction import Transaction
from dsar.erasure import store
from dsar.erasure.certificate import Certificate
from dsar.erasure.errors import NoCertificateError
from dsar.erasure.means import Means
from dsar.erasure.ports import Complete, DestroyedKey, Proofs, SigningKeys
from dsar.request import By


class Certifying:
    """The use case behind `GET /v1/requests/{request}/certificate`."""

    def __init__(self, means: Means, proofs: Proofs, signing: SigningKeys) -> None:
        self._means = means
        self._proofs = proofs
        self._signing = signing

    def certificate(self, tenant: int, request: UUID, by: By) -> str:
        """A certificate of what the request came to so far.

        Raises:
            RequestNotFoundError: the tenant has no such request.
            NoCertificateError: nothing was carried out that could be certified.
        """
        signers = self._signing.signers()

        def work(tx: Transaction) -> tuple[bytes, StoredEntry, Complete | None] | None:
            found = self._means.desk.find(tx, tenant, request)
            row = tx.one(store.ERASURE, tenant=tenant, request=request.bytes)
            erasure = None if row is None else store.erasure_of(row)
            told = erasure is not None and erasure.facts is not None
            outcome, reason = (Outcome.DONE, None) if told else (Outcome.FAILED, Reason.NOT_FOUND)
            group = Group(outcome, reason, refs=[found.ref])
            self._means.log.append(tx, LogAct(Action.ERASURE_READ, by.actor, tenant, by.at, by.call, [group]))
            if erasure is None or erasure.facts is None or erasure.act is None:
                return None
            (stored,) = entries_of_act(tx, tenant, erasure.act)
            key = key_of(erasure.facts)
            return erasure.facts.encode(), stored, None if key is None else self._means.keys.complete(tx, tenant, key)

        found = self._means.database.write(tenant, work)
        if found is None:
            raise NoCertificateError
        facts, stored, complete = found
        proved = None
        if stored.log is not None and stored.leaf is not None:
            proved = self._proofs.of(stored.log, stored.leaf)
        certificate = Certificate(
            issuer=orjson.loads(facts)["issuer"],
            facts=facts,
            complete=complete,
            entry=stored.body,
            proved=proved,
            issued_at=by.at,
        )
        return certificate.signed(signers)


def key_of(facts: str) -> DestroyedKey | None:
    """The destroyed key that facts tell of; None where they tell of none."""
    told = orjson.loads(facts)["key"]
    if told is None:
        return None
    at = millis(datetime.fromisoformat(told["destroyed"]))
    return DestroyedKey(at, told["kek"], bytes.fromhex(told["ledger"]), told["line"], bytes.fromhex(told["sha256"]))
