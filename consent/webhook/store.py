"""All SQL of webhooks."""

from consent.webhook.tables import WebhookDeliveryRow, WebhookRow, WebhookSecretRow
from database.statement import Insertion, Statement

INSERT_WEBHOOKS = Insertion(
    WebhookRow, ("id", "tenant", "url", "topics", "state", "carrier", "carrier_until", "created_at")
)
_WEBHOOK = "w.id, w.url, w.topics, w.state, w.created_at"
WEBHOOK = Statement(f"SELECT {_WEBHOOK} FROM webhook w WHERE tenant = :tenant AND id = :id")  # noqa: S608 - constant columns
WEBHOOK_TO_CHANGE = Statement(
    f"SELECT {_WEBHOOK} FROM webhook w WHERE tenant = :tenant AND id = :id {{for_update:w}}"  # noqa: S608 - constant columns
)
WEBHOOKS = Statement(
    f"SELECT {_WEBHOOK} FROM webhook w WHERE tenant = :tenant AND id > :after ORDER BY id LIMIT :limit"  # noqa: S608 - constant columns
)
TOPICS = Statement("SELECT id, topics FROM webhook WHERE tenant = :tenant ORDER BY id")
COUNT_WEBHOOKS = Statement("SELECT count(*) FROM webhook WHERE tenant = :tenant")
SET_STATE = Statement("UPDATE webhook SET state = :state WHERE tenant = :tenant AND id = :id")
DELETE_WEBHOOK = Statement("DELETE FROM webhook WHERE tenant = :tenant AND id = :id")

INSERT_SECRETS = Insertion(WebhookSecretRow, ("tenant", "webhook", "version", "seal_version", "sealed", "expires_at"))
SECRETS = Statement("""
    SELECT version, seal_version, sealed FROM webhook_secret
    WHERE tenant = :tenant AND webhook = :webhook AND (expires_at IS NULL OR expires_at > :at) ORDER BY version DESC
""")
LATEST_SECRET = Statement("""
    SELECT version FROM webhook_secret WHERE tenant = :tenant AND webhook = :webhook ORDER BY version DESC LIMIT 1
""")
EXPIRE_SECRETS = Statement("""
    UPDATE webhook_secret SET expires_at = :expires_at
    WHERE tenant = :tenant AND webhook = :webhook AND (expires_at IS NULL OR expires_at > :expires_at)
""")
DELETE_EXPIRED_SECRETS = Statement("""
    DELETE FROM webhook_secret WHERE tenant = :tenant AND webhook = :webhook AND expires_at <= :at
""")

INSERT_DELIVERIES = Insertion(
    WebhookDeliveryRow,
    (
        "tenant",
        "webhook",
        "message",
        "subject",
        "event",
        "topic",
        "purpose",
        "notice_version",
        "epoch",
        "happened_at",
        "state",
        "rank",
        "attempts",
        "next_at",
    ),
)
HASTEN = Statement(
    """
    UPDATE webhook_delivery SET rank = 0, next_at = :at
    WHERE tenant = :tenant AND state = 'queued' AND rank > 0 AND subject IN (SELECT q.subject FROM {q})
    """,
    many={"q": {"subject": "bigint"}},
)

_DELIVERY = """d.id, d.message, d.subject, d.event, d.topic, d.purpose, d.notice_version, d.epoch, d.happened_at, d.state,
    d.attempts, d.next_at, d.status, d.error, d.ended_at"""
HEADS = Statement(f"""
    SELECT {_DELIVERY} FROM webhook_delivery d
    WHERE d.tenant = :tenant AND d.webhook = :webhook AND d.state = 'queued' AND d.next_at <= :at AND NOT EXISTS (
        SELECT 1 FROM webhook_delivery e WHERE e.tenant = d.tenant AND e.webhook = d.webhook AND e.subject = d.subject
        AND e.state = 'queued' AND e.id < d.id)
    ORDER BY d.rank, d.next_at, d.id LIMIT :limit
""")  # noqa: S608 - constant columns
DELIVERIES = Statement(f"""
    SELECT {_DELIVERY} FROM webhook_delivery d
    WHERE d.tenant = :tenant AND d.webhook = :webhook AND d.state = :state AND d.id > :after ORDER BY d.id LIMIT :limit
""")  # noqa: S608 - constant columns
COUNT_DELIVERIES = Statement("""
    SELECT state, count(*) FROM webhook_delivery WHERE tenant = :tenant AND webhook = :webhook GROUP BY state
""")
END_DELIVERY = Statement("""
    UPDATE webhook_delivery SET state = :state, attempts = attempts + 1, status = :status, error = :error, ended_at = :at
    WHERE tenant = :tenant AND id = :id AND state = 'queued'
""")
PUT_OFF_DELIVERY = Statement("""
    UPDATE webhook_delivery SET attempts = attempts + 1, status = :status, error = :error, next_at = :next_at
    WHERE tenant = :tenant AND id = :id AND state = 'queued'
""")
REPLAY_DELIVERY = Statement("""
    UPDATE webhook_delivery SET state = 'queued', rank = 0, attempts = 0, next_at = :at, error = NULL, ended_at = NULL
    WHERE tenant = :tenant AND webhook = :webhook AND id = :id AND state = 'dead'
""")
DEAD = Statement("""
    SELECT id FROM webhook_delivery WHERE tenant = :tenant AND webhook = :webhook AND state = 'dead' ORDER BY id LIMIT :limit
""")

ANY_SOON = Statement("""
    SELECT 1 FROM webhook_delivery
    WHERE tenant = :tenant AND webhook = :webhook AND state = 'queued' AND next_at <= :before LIMIT 1
""")

DUE_WEBHOOKS = Statement("""
    SELECT w.tenant, w.id FROM webhook w WHERE w.state = 'active' AND w.carrier_until < :at AND EXISTS (
        SELECT 1 FROM webhook_delivery d WHERE d.tenant = w.tenant AND d.webhook = w.id AND d.state = 'queued'
        AND d.next_at <= :at)
""")
TAKE = Statement("""
    UPDATE webhook SET carrier = :carrier, carrier_until = :until
    WHERE tenant = :tenant AND id = :id AND state = 'active' AND carrier_until < :at
""")
KEEP = Statement("""
    UPDATE webhook SET carrier_until = :until WHERE tenant = :tenant AND id = :id AND state = 'active' AND carrier = :carrier
""")
FREE = Statement("UPDATE webhook SET carrier = NULL, carrier_until = 0 WHERE tenant = :tenant AND id = :id")
LEAVE = Statement("""
    UPDATE webhook SET carrier = NULL, carrier_until = 0 WHERE tenant = :tenant AND id = :id AND carrier = :carrier
""")

FORGET_DELIVERED = Statement("DELETE FROM webhook_delivery WHERE state = 'delivered' AND ended_at < :before")
FORGET_DEAD = Statement("DELETE FROM webhook_delivery WHERE state = 'dead' AND ended_at < :before")
