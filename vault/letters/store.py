"""All SQL of messages between devices."""

from database.statement import Insertion, Statement
from vault.letters.tables import LetterRow

INSERT_LETTERS = Insertion(
    LetterRow,
    (
        "id",
        "tenant",
        "order_fingerprint",
        "sender",
        "sender_device",
        "recipient",
        "recipient_device",
        "envelope",
        "hour",
        "expires_at",
    ),
)
COUNT_WAITING = Statement("""
    SELECT count(*) FROM letter WHERE tenant = :tenant AND order_fingerprint = :order AND recipient = :recipient
    AND expires_at > :at
""")
LETTERS = Statement("""
    SELECT l.id, l.envelope, l.hour, l.expires_at, l.sender_device, s.public_key, r.public_key
    FROM letter l JOIN device_key s ON s.tenant = l.tenant AND s.id = l.sender_device
    JOIN device_key r ON r.tenant = l.tenant AND r.id = l.recipient_device
    WHERE l.tenant = :tenant AND l.order_fingerprint = :order AND l.recipient = :recipient AND l.recipient_device = :device
    AND l.expires_at > :at AND l.id > :after ORDER BY l.id LIMIT :limit
""")
LETTER_EXPIRY = Statement("SELECT expires_at FROM letter WHERE tenant = :tenant AND id = :id")
DELETE_LETTER = Statement("""
    DELETE FROM letter WHERE tenant = :tenant AND id = :id AND order_fingerprint = :order AND recipient = :recipient
""")
END_LETTERS = Statement("""
    UPDATE letter SET expires_at = :at WHERE tenant = :tenant AND order_fingerprint = :order AND expires_at > :at
""")
DELETE_LETTERS_OF = Statement("""
    DELETE FROM letter WHERE tenant = :tenant AND (sender = :subject OR recipient = :subject)
""")
COUNT_LETTERS_OF = Statement("""
    SELECT count(*), min(hour) FROM letter WHERE tenant = :tenant AND (sender = :subject OR recipient = :subject)
""")
LETTERS_OF = Statement("""
    SELECT hour, expires_at, envelope, CASE WHEN sender = :subject THEN 1 ELSE 0 END FROM letter
    WHERE tenant = :tenant AND (sender = :subject OR recipient = :subject) ORDER BY id
""")
EXPIRED_LETTERS = Statement("""
    SELECT tenant, id, sender, recipient FROM letter WHERE expires_at <= :at AND held_until <= :at
    ORDER BY expires_at LIMIT :limit
""")
PUT_OFF = Statement("UPDATE letter SET held_until = :until WHERE tenant = :tenant AND id = :id")
DELETE_ONE = Statement("DELETE FROM letter WHERE tenant = :tenant AND id = :id")
LETTERS_KEPT = Statement("""
    SELECT id, sender, recipient, hour FROM letter WHERE tenant = :tenant AND id > :after ORDER BY id LIMIT :limit
""")
LETTERS_PRESENT = Statement(
    "SELECT l.id, l.sender, l.recipient, l.hour FROM {q} {each letter l ON l.tenant = :tenant AND l.id = q.id}",
    many={"q": {"id": "bigint"}},
)
LIVE_DEVICES = Statement("""
    SELECT id, public_key, expires_at FROM device_key
    WHERE tenant = :tenant AND subject = :subject AND revoked_at IS NULL AND expires_at > :at ORDER BY id
""")
OWNER_OF_KEY = Statement("SELECT subject FROM device_key WHERE tenant = :tenant AND public_key = :key")
