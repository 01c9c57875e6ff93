"""Root keys in a token that speaks PKCS#11 (OASIS, version 2.40): an HSM, or SoftHSM2. They are made there and never leave it.

A root key is a secret key object with these attributes:

    CKA_CLASS CKO_SECRET_KEY   CKA_KEY_TYPE CKK_AES   CKA_VALUE_LEN 32   CKA_LABEL as the settings say
    CKA_ID 8 octets: u32 number, counted from 1 | 4 random octets
    CKA_TOKEN, CKA_PRIVATE, CKA_SENSITIVE, CKA_ENCRYPT, CKA_DECRYPT true
    CKA_EXTRACTABLE, CKA_WRAP, CKA_UNWRAP, CKA_MODIFIABLE, CKA_COPYABLE false

An object that is not sensitive, or extractable, is refused. A wrapped key is

    u8 0x92 | 8 octets CKA_ID | 12 octets nonce | ciphertext | 16 octets tag

CKM_AES_GCM over `u8 0x92 | CKA_ID | context`, computed in the token. The nonce is drawn here: a token that insists on nonces of
its own, as some do in a FIPS mode, cannot be used. The keys that are wrapped pass through this program, whose work is done with
them; the root key does not.

One session is kept open, and opened anew when the token was away. A PIN that the token refused is not presented again, because
tokens lock themselves after a few: the operator changes the file that it comes from.
"""

import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar, cast

import pkcs11
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, MechanismFlag, ObjectClass, SecretKey, Session
from pkcs11.exceptions import (
    PinExpired,
    PinIncorrect,
    PinInvalid,
    PinLenRange,
    PinLocked,
    PKCS11Error,
    UserAlreadyLoggedIn,
    UserPinNotInitialized,
)
from pkcs11.types import DecryptMixin, EncryptMixin

from vault.errors import IntegrityError, KeysUnavailableError, RootKeyError
from vault.keys import Bound

NAME = "pkcs11"
ID_BYTES = 8

_OCTET = b"\x92"
_NONCE_BYTES = 12
_TAG_BITS = 128
_KEY_BITS = 256
_REFUSED = (PinIncorrect, PinInvalid, PinLenRange, PinLocked, PinExpired, UserPinNotInitialized)
_TEMPLATE = {
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.MODIFIABLE: False,
    Attribute.COPYABLE: False,
}

Answer = TypeVar("Answer")


class _Aes(SecretKey, EncryptMixin, DecryptMixin):
    """A secret key that encrypts and decrypts, as objects with these capabilities are."""


class Pkcs11KeyProvider:
    """Wraps with the root keys of one token. `pin` is asked for the PIN whenever a session is opened.

    Raises, when it is asked for one:
        KeysUnavailableError: the token, or the module that leads to it, does not work.
        RootKeyError: the token refused the PIN, has not the root key, or has one that could be taken out of it.
    """

    name = NAME

    def __init__(self, module: Path, *, token: str, label: str, pin: Callable[[], str]) -> None:
        self._module = module
        self._token = token
        self._label = label
        self._pin = pin
        self._refused: str | None = None
        self._session: Session | None = None
        self._lock = threading.Lock()

    def newest(self) -> str:
        def work(session: Session) -> str:
            ids = self._ids(session)
            if not ids:
                raise RootKeyError("missing", NAME)
            return max(ids).hex()

        return self._in_session(work)

    def wrap(self, root: str, keys: Sequence[Bound]) -> list[bytes]:
        head = _OCTET + bytes.fromhex(root)

        def work(session: Session) -> list[bytes]:
            key = self._found(session, root)
            return [head + _sealed(key, octets, head + context) for octets, context in keys]

        return self._in_session(work)

    def unwrap(self, root: str, wrapped: Sequence[Bound]) -> list[bytes]:
        head = _OCTET + bytes.fromhex(root)
        if any(octets[: len(head)] != head for octets, _ in wrapped):
            raise IntegrityError

        def work(session: Session) -> list[bytes]:
            key = self._found(session, root)
            return [_opened(key, octets[len(head) :], head + context) for octets, context in wrapped]

        return self._in_session(work)

    def create_root(self) -> str:
        def work(session: Session) -> str:
            number = int.from_bytes(max(self._ids(session), default=bytes(ID_BYTES))[:4], "big") + 1
            root = number.to_bytes(4, "big") + secrets.token_bytes(4)
            session.generate_key(
                KeyType.AES,
                _KEY_BITS,
                id=root,
                label=self._label,
                store=True,
                capabilities=MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT,
                template=_TEMPLATE,
            )
            return root.hex()

        root = self._in_session(work, writing=True)
        self._in_session(lambda session: self._found(session, root))
        return root

    def destroy_root(self, root: str) -> None:
        def work(session: Session) -> None:
            for key in session.get_objects(self._named(bytes.fromhex(root))):
                key.destroy()

        self._in_session(work, writing=True)

    def close(self) -> None:
        with self._lock:
            if self._session is not None:
                with suppress(PKCS11Error):
                    self._session.close()
                self._session = None

    def _named(self, root: bytes | None = None) -> dict[Attribute, object]:
        named: dict[Attribute, object] = {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: self._label}
        return named if root is None else {**named, Attribute.ID: root}

    def _ids(self, session: Session) -> list[bytes]:
        found = [bytes(key[Attribute.ID]) for key in session.get_objects(self._named())]
        return [one for one in found if len(one) == ID_BYTES]

    def _found(self, session: Session, root: str) -> _Aes:
        for found in session.get_objects(self._named(bytes.fromhex(root))):
            key = cast("_Aes", found)  # the class that the module gives to AES keys
            if not key[Attribute.SENSITIVE] or key[Attribute.EXTRACTABLE]:
                raise RootKeyError("extractable", NAME)
            return key
        raise RootKeyError("other_database" if self._ids(session) else "missing", NAME)

    def _in_session(self, work: Callable[[Session], Answer], *, writing: bool = False) -> Answer:
        """Do `work` in the session; once more in a new one, where the token or the session had gone. To a session that is open
        already, a token that is gone may look like one without keys."""
        with self._lock:
            for anew in (False, True):
                kept = self._session is not None and not writing
                try:
                    if not writing:
                        self._session = self._session or self._opened(anew=anew)
                        return work(self._session)
                    with self._opened(anew=anew, writing=True) as session:
                        return work(session)
                except _REFUSED:
                    raise RootKeyError("refused", NAME) from None
                except RootKeyError:
                    self._session = None
                    if not kept:
                        raise
                except (PKCS11Error, OSError):
                    self._session = None
        raise KeysUnavailableError("unreachable")

    def _opened(self, *, anew: bool, writing: bool = False) -> Session:
        """A session. Logging in is the process's: where another session of it has, that counts for this one too."""
        library = pkcs11.lib(str(self._module))
        if anew:
            library.reinitialize()
        token = library.get_token(token_label=self._token)
        pin = self._pin()
        if pin == self._refused:
            raise RootKeyError("refused", NAME)
        try:
            return token.open(rw=writing, user_pin=pin)
        except UserAlreadyLoggedIn:
            return token.open(rw=writing)
        except _REFUSED:
            self._refused = pin
            raise


def _sealed(key: _Aes, octets: bytes, authenticated: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    parameters = GCMParams(nonce, authenticated, _TAG_BITS)
    return nonce + cast("bytes", key.encrypt(octets, mechanism=Mechanism.AES_GCM, mechanism_param=parameters))


def _opened(key: _Aes, sealed: bytes, authenticated: bytes) -> bytes:
    """Some tokens, SoftHSM2 among them, answer a wrong tag with CKR_GENERAL_ERROR, as they would a fault of their own. What a
    token fails to open while it opens what it has just sealed itself is damaged."""
    try:
        return _decrypted(key, sealed, authenticated)
    except PKCS11Error:
        _decrypted(key, _sealed(key, b"probe", b""), b"")
        raise IntegrityError from None


def _decrypted(key: _Aes, sealed: bytes, authenticated: bytes) -> bytes:
    parameters = GCMParams(sealed[:_NONCE_BYTES], authenticated, _TAG_BITS)
    ciphertext = sealed[_NONCE_BYTES:]
    return cast("bytes", key.decrypt(ciphertext, mechanism=Mechanism.AES_GCM, mechanism_param=parameters))
