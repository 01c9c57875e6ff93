"""Opening a stored picture, a chunk at a time."""

from collections.abc import Iterator
from functools import partial

from audit.entry import Reason
from database.transaction import Row, Transaction
from vault.errors import IntegrityError, NotFoundError
from vault.keys import DataKey
from vault.means import Means
from vault.order_call import OrderCall
from vault.pictures import store
from vault.pictures.picture import STORED, Picture
from vault.pictures.secret_stream import OpeningStream


def octets_of_picture(means: Means, tenant: int, picture: Picture, key: DataKey) -> Iterator[bytes]:
    """The octets of a picture, a chunk at a time. Whoever is erased meanwhile ends it.

    Raises:
        NotFoundError: a chunk does not open, or is there no more.
    """
    stream = OpeningStream(key, bytes(picture.header), tenant=tenant, picture=picture.id)
    for number in range(picture.chunks):
        row = means.database.read(tenant, partial(_chunk, tenant=tenant, picture=picture.id, number=number))
        if row is None:
            raise NotFoundError
        try:
            yield stream.open(bytes(row[0]), last=number == picture.chunks - 1)
        except IntegrityError:
            means.damaged(1)
            raise NotFoundError from None


def _chunk(tx: Transaction, *, tenant: int, picture: int, number: int) -> Row | None:
    return tx.one(store.CHUNK, tenant=tenant, picture=picture, number=number)


def stored_picture(run: OrderCall, picture: int) -> Picture | Reason:
    """A picture of the order of a call that has come whole and not ended, in its transaction."""
    row = run.tx.one(store.PICTURE, tenant=run.tenant, id=picture)
    found = None if row is None else Picture(*row)
    if found is None or found.ref != run.ref or found.state != STORED or found.expires_at <= run.at:
        return Reason.NOT_FOUND
    return found
