"""Opening a stored picture, a chunk at a time."""

from collections.abc import Iterator
from functools import partial

from database.transaction import Row, Transaction
from vault.errors import IntegrityError, NotFoundError
from vault.keys import DataKey
from vault.means import Means
from vault.pictures import store
from vault.pictures.picture import Picture
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
