"""What somebody could do to a log's files, and with its key, so that tests can ask every verifier for its refusal."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.audit_log import LOG, Key, Log, entries, write_log

SIZE = 257
TOUCHED = 100


@dataclass(frozen=True, slots=True)
class Copy:
    """A tampered log, and the checkpoint that had left the house before, if it takes that to find out."""

    root: Path
    seen_before: Path | None = None


def whole_acts(made: list[bytes], at_least: int) -> int:
    """The first number of entries from `at_least` on after which no act is open."""
    fields = [json.loads(entry) for entry in made]
    return next(size for size in range(at_least, len(made)) if fields[size - 1]["part"] == fields[size - 1]["parts"])


def _copied(log: Log, place: Path) -> Path:
    shutil.copytree(log.root, place)
    return place


def _flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def _rebuilt(log: Log, made: list[bytes], place: Path) -> Copy:
    """Other entries with right hashes, as with the database's rights, under the checkpoint that was signed."""
    write_log(place, made)
    shutil.copy(log.root / "checkpoint", place / "checkpoint")
    return Copy(place)


def flipped_entry(log: Log, place: Path) -> Copy:
    root = _copied(log, place)
    bundle = root / "tile/entries/000"
    _flip(bundle, bundle.read_bytes().index(log.entries[TOUCHED]) + 40)
    return Copy(root)


def flipped_tile(log: Log, place: Path) -> Copy:
    root = _copied(log, place)
    _flip(root / "tile/0/000", TOUCHED * 32)
    return Copy(root)


def flipped_upper_tile(log: Log, place: Path) -> Copy:
    root = _copied(log, place)
    _flip(root / "tile/1/000.p/1", 0)
    return Copy(root)


def flipped_entry_and_tile(log: Log, place: Path) -> Copy:
    changed = log.entries[TOUCHED].replace(b"T", b"U", 1)
    made = [*log.entries[:TOUCHED], changed, *log.entries[TOUCHED + 1 :]]
    rebuilt = _rebuilt(log, made, place)
    shutil.copy(log.root / "tile/1/000.p/1", place / "tile/1/000.p/1")
    return rebuilt


def inserted(log: Log, place: Path) -> Copy:
    made = [*log.entries[:TOUCHED], entries(1, salt="new")[0], *log.entries[TOUCHED:-1]]
    return _rebuilt(log, made, place)


def deleted(log: Log, place: Path) -> Copy:
    made = [*log.entries[:TOUCHED], *log.entries[TOUCHED + 1 :], entries(1, salt="new")[0]]
    return _rebuilt(log, made, place)


def reordered(log: Log, place: Path) -> Copy:
    made = list(log.entries)
    made[TOUCHED], made[TOUCHED + 5] = made[TOUCHED + 5], made[TOUCHED]
    return _rebuilt(log, made, place)


def reordered_in_the_bundle(log: Log, place: Path) -> Copy:
    root = _copied(log, place)
    bundle = root / "tile/entries/000"
    first, second = (len(entry).to_bytes(2, "big") + entry for entry in log.entries[TOUCHED : TOUCHED + 2])
    bundle.write_bytes(bundle.read_bytes().replace(first + second, second + first))
    return Copy(root)


def cut_tail(log: Log, place: Path) -> Copy:
    root = _copied(log, place)
    shutil.rmtree(root / "tile/entries/001.p")
    shutil.rmtree(root / "tile/0/001.p")
    return Copy(root)


def cut_tail_and_signed_again(log: Log, place: Path) -> Copy:
    write_log(place, log.entries[: whole_acts(list(log.entries), 150)])
    return Copy(place, log.root / "checkpoint")


def rewritten_after_a_checkpoint_had_left(log: Log, place: Path) -> Copy:
    write_log(place, entries(SIZE, salt="rewritten"))
    return Copy(place, _older(log, place))


def forked(log: Log, place: Path) -> Copy:
    kept = whole_acts(list(log.entries), 50)
    write_log(place, [*log.entries[:kept], *entries(SIZE, salt="forked")])
    return Copy(place, _older(log, place))


def swapped_signature(log: Log, place: Path) -> Copy:
    root = _copied(log, place)
    lines = (root / "checkpoint").read_text().split("\n")
    lines[4] = _older(log, place).read_text().split("\n")[4]
    (root / "checkpoint").write_text("\n".join(lines))
    return Copy(root)


def edited_checkpoint(log: Log, place: Path) -> Copy:
    other = write_log(place, entries(SIZE, salt="other"))
    text = other.checkpoint.text.encode()
    (place / "checkpoint").write_bytes(bytes(log.note).replace(log.note.text.encode(), text))
    return Copy(place)


def rebuilt_under_another_key(log: Log, place: Path) -> Copy:
    write_log(place, log.entries, key=Key(LOG.name, "another"))
    return Copy(place)


def _older(log: Log, place: Path) -> Path:
    """The checkpoint that was given away when the log was smaller."""
    size = whole_acts(list(log.entries), 150)
    return write_log(place.with_name(f"{place.name}-older"), log.entries[:size]).root / "checkpoint"


ALL: tuple[Callable[[Log, Path], Copy], ...] = (
    flipped_entry, flipped_tile, flipped_upper_tile, flipped_entry_and_tile, inserted, deleted, reordered,
    reordered_in_the_bundle,
    cut_tail, cut_tail_and_signed_again, rewritten_after_a_checkpoint_had_left, forked, swapped_signature, edited_checkpoint,
    rebuilt_under_another_key,
)  # fmt: skip
