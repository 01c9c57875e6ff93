"""Pictures, as people's requests ask for them."""

from base64 import b64encode
from collections.abc import Collection, Iterator, Sequence
from functools import partial

from database.columns import rfc3339
from database.transaction import Transaction
from vault.errors import IntegrityError, NotFoundError
from vault.inner_keys.keeping import destroy_key, open_key
from vault.keyring import TenantKeys
from vault.keys import DataKey
from vault.means import Means
from vault.people import opened_by_number
from vault.pictures import store
from vault.pictures.opening import octets_of_picture
from vault.pictures.picture import FILE, Picture
from vault.rights.ports import Counted, Piece, Use
from vault.usable import PURPOSE


class PictureHolding:
    """Pictures that were made at a person's door."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def held(self, tx: Transaction, tenant: int, subject: int) -> Sequence[Counted]:
        """Each picture."""
        return [Counted(_use(one), 1, one.created_at) for one in _pictures(tx, tenant, subject)]

    def pieces(self, tenant: int, subject: int) -> Iterator[Piece]:
        """One picture after the other; memory is that of one."""
        for picture in self._means.database.read(tenant, lambda tx: _pictures(tx, tenant, subject)):
            key = self._means.keyring.using(tenant, partial(self._key, tenant=tenant, picture=picture))
            shown = {"ref": picture.ref, "format": picture.format, "stored_at": rfc3339(picture.created_at)}
            yield FILE, {**shown, "octets": None if key is None else self._octets(tenant, picture, key)}

    def delete(self, tx: Transaction, tenant: int, subject: int, going: Collection[Use]) -> None:
        """Destroy the pictures of the orders that are named."""
        for picture in _pictures(tx, tenant, subject):
            if _use(picture) in going:
                destroy_key(tx, tenant, picture.key)

    def _octets(self, tenant: int, picture: Picture, key: DataKey) -> str | None:
        try:
            return b64encode(b"".join(octets_of_picture(self._means, tenant, picture, key))).decode("ascii")
        except NotFoundError:
            return None

    def _key(self, keys: TenantKeys, *, tenant: int, picture: Picture) -> DataKey | None:
        def work(tx: Transaction) -> DataKey | None:
            at = self._means.at()
            person = opened_by_number(tx, self._means, keys, tenant, [picture.subject], at).get(picture.subject)
            return None if person is None else open_key(tx, tenant, person, picture.key)

        try:
            return self._means.database.read(tenant, work)
        except IntegrityError:
            self._means.damaged(1)
            return None


def _pictures(tx: Transaction, tenant: int, subject: int) -> list[Picture]:
    return [Picture(*row) for row in tx.all(store.PICTURES_OF, tenant=tenant, subject=subject)]


def _use(picture: Picture) -> Use:
    return FILE, PURPOSE, picture.ref
