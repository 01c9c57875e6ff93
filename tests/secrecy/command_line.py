"""The commands of `moat` over files full of canaries.

Most of them are clients, which know nothing of the database behind the service: they run once. What works on the host runs beside
every database.
"""

import csv
from pathlib import Path

from pyrage import decrypt
from pyrage.x25519 import Identity

from tests.secrecy.canary import BY_KIND, CANARIES, CUSTOMER
from tests.secrecy.tour import Tour
from tests.support.server import Server

ROWS = 40


def run_on_host(server: Server, place: Path) -> bytes:
    """Run those that work on the deployment's host; what they printed, and what is in a backup."""
    place.mkdir()
    ended = server.moat("audit", "verify", *server.where)
    assert b"Traceback" not in ended.stderr, ended.stderr.decode()
    return ended.stdout + ended.stderr + _backed_up(server, place / "backup")


def run_clients(server: Server, place: Path, tour: Tour) -> bytes:
    """Run clients and give all that they printed, and all that they wrote beside the file that was asked for."""
    place.mkdir()
    service = tour.credentials["service"]
    source, tokens, opened = place / "orders.csv", place / "tokens.csv", place / "opened.csv"
    spoiled = place / "spoiled.csv"
    _write_orders(source, CUSTOMER)
    _write_orders(spoiled, BY_KIND["phone"].writings[0])
    shared = ["--map", "customer:phone=phone,name=name,address=address", "--note", "note", "--ref", "order:{order}",
              "--purpose", "delivery"]  # fmt: skip
    commands = [
        (["tokenize", str(source), *shared, "-o", str(tokens)], service),
        (["detokenize", str(tokens), *shared, "--view", "plain", "-o", str(opened)], service),
        (["tokenize", str(source), "--map", "customer:phone=phone", "--keep", "note", "--purpose", "delivery", "-o",
          str(place / "kept.csv")], service),
        (["tokenize", str(spoiled), *shared, "-o", str(place / "stopped.csv")], service),
        (["credential", "list"], tour.credentials["admin"]),
        (["credential", "create", "--name", "from-console", "--role", "courier"], tour.credentials["admin"]),
        (["explain", tour.denied_request], tour.credentials["auditor"]),
        (["policy", "check", "--role", "courier", "--purpose", "delivery", "--kind", "phone", "--view", "plain"], None),
        (["policy", "list"], None),
        (["tokenize", str(source), *shared, "-o", str(place / "refused.csv")], tour.credentials["auditor"]),
    ]  # fmt: skip
    printed = b""
    for arguments, credential in commands:
        ended = server.moat(*arguments, credential=credential)
        assert b"Traceback" not in ended.stderr, ended.stderr.decode()
        printed += ended.stdout + ended.stderr
    asked_for = {source, spoiled, tokens, opened}
    assert tokens.exists(), printed.decode(errors="replace")
    assert BY_KIND["name"].normal in opened.read_text(encoding="utf-8"), printed.decode(errors="replace")
    kept = b"".join(path.read_bytes() for path in sorted(place.iterdir()) if path not in asked_for)
    return printed + kept


def _backed_up(server: Server, place: Path) -> bytes:
    """What is in both halves of a backup, for somebody who can open them."""
    place.mkdir()
    identities = {half: Identity.generate() for half in ("keyring", "data")}
    to = [option for half, one in identities.items() for option in (f"--{half}-recipient", str(one.to_public()))]
    ended = server.moat("backup", "create", str(place), *to, *server.where, "--keys", str(server.keys))
    assert ended.returncode == 0, ended.stderr.decode()
    opened = [decrypt(path.read_bytes(), list(identities.values())) for path in sorted(place.iterdir())]
    assert len(opened) == 2
    return ended.stdout + ended.stderr + b"".join(opened)


def _write_orders(path: Path, person: str) -> None:
    """Rows of a person with every writing, and with values in columns of another kind, which are refused."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["order", "customer", "phone", "name", "address", "note"])
        for number in range(ROWS):
            canary = CANARIES[number % len(CANARIES)]
            wrong = canary.writings[0] if number % 3 == 0 else BY_KIND["phone"].writings[number % 3]
            name, address = BY_KIND["name"].normal, BY_KIND["address"].normal
            rows.writerow([f"o-{number}", person, wrong, name, address, BY_KIND["note"].normal])
