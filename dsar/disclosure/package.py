"""What a package holds, as a stream of the octets of its archive.

    index.html                       what is held, why, with whom it is shared, for how long, and the person's rights
    data/<category>.json, .csv       everything that was collected
    consents.json, .csv              the records of consents
    access_log.json, .csv            who looked
    rules.json                       the rules of processing, for machines
    VERIFY.txt                       how to check all this
    manifest.json, manifest.sig      what is in it, signed
    proof/entry.json, .tlog-proof    that the log says so

The archive is written in one go, to its last octet. Its manifest is known before it ends: the entry that names it is put into the
log, and published, while the archive is still open.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

import orjson

from audit.ports import Signer
from dsar.disclosure.collection import Collection
from dsar.disclosure.manifest import ENTRY, MANIFEST, PROOF, SIGNATURE, Manifest, digest_of, signed
from dsar.disclosure.ports import Proved, Rules
from dsar.disclosure.zipping import ZipStream

Witness = Callable[[str], Proved]
"""Puts the SHA-256 of a manifest into the log, and gives the entry and its proof once they are published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What goes into a package. `made_at` is in milliseconds since the epoch."""

    manifest: Manifest
    made_at: int
    page: bytes
    rules: Rules
    collection: Collection


def archived(content: Content, signers: Sequence[Signer], witness: Witness) -> Iterator[bytes]:
    """The octets of the archive. What `witness` raises is raised here."""
    stream = ZipStream(content.made_at)
    for name, octets in _members(content):
        yield from stream.add(name, octets)
    manifest = content.manifest.octets(stream.listed)
    yield from stream.add(MANIFEST, [manifest])
    yield from stream.add(SIGNATURE, [signed(content.manifest.issuer, manifest, signers)])
    proved = witness(digest_of(manifest))
    yield from stream.add(ENTRY, [proved.entry])
    yield from stream.add(PROOF, [proved.proof])
    yield from stream.end()


def _members(content: Content) -> Iterator[tuple[str, Iterable[bytes]]]:
    yield "index.html", [content.page]
    yield from content.collection.members()
    rules = orjson.dumps(asdict(content.rules), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    yield "rules.json", [rules]
    yield "VERIFY.txt", [_VERIFY.encode()]


_VERIFY = """\
How to check this package
=========================

Take the keys from somewhere else than this package: ask the service for them, or take them from its site.

    moat dsar check-package PACKAGE.zip --vkey 'KEY OF .../disclosure' --log-vkey 'KEY OF THE LOG'

The command needs no service and no network. Exit status 0: every file is the one that was signed, and the log says that this
package was made. 1: something is not, and what that is.

By hand: the SHA-256 of each file is in manifest.json; that of manifest.json is in manifest.sig (c2sp.org/signed-note) and in
proof/entry.json as "wording"; proof/entry.tlog-proof (c2sp.org/tlog-proof) leads from that entry to a signed checkpoint.
"""
