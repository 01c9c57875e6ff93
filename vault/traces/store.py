"""All SQL of couriers' traces."""

from database.statement import Insertion, Statement
from vault.traces.tables import TrackBatchRow, TrackRow

INSERT_TRACKS = Insertion(
    TrackRow, ("id", "tenant", "ref", "courier", "key", "batches", "begun_at", "last_at", "expires_at")
)
_TRACK = "t.id, t.ref, t.courier, t.key, t.batches, t.begun_at, t.last_at, t.expires_at"
TRACK_TO_EXTEND = Statement(f"""
    SELECT {_TRACK} FROM track t WHERE tenant = :tenant AND ref = :ref AND courier = :courier {{for_update:t}}
""")  # noqa: S608 - constant columns
TRACKS_OF_ORDER = Statement(f"""
    SELECT {_TRACK} FROM track t WHERE tenant = :tenant AND ref = :ref AND expires_at > :at ORDER BY id
""")  # noqa: S608 - constant columns
TRACKS_OF = Statement(
    f"SELECT {_TRACK} FROM track t WHERE tenant = :tenant AND courier = :subject ORDER BY id"  # noqa: S608 - constant columns
)
EXTEND_TRACK = Statement("""
    UPDATE track SET batches = :batches, last_at = :at, expires_at = :expires_at WHERE tenant = :tenant AND id = :id
""")
INSERT_BATCHES = Insertion(TrackBatchRow, ("tenant", "track", "number", "sealed"))
LAST_BATCHES = Statement("""
    SELECT number, sealed FROM track_batch WHERE tenant = :tenant AND track = :track ORDER BY number DESC LIMIT :limit
""")
BATCHES = Statement("""
    SELECT number, sealed FROM track_batch WHERE tenant = :tenant AND track = :track ORDER BY number
""")
EXPIRED_TRACKS = Statement("""
    SELECT tenant, id, key, courier, ref FROM track WHERE expires_at <= :at AND held_until <= :at
    ORDER BY expires_at LIMIT :limit
""")
PUT_OFF = Statement("UPDATE track SET held_until = :until WHERE tenant = :tenant AND id = :id")
TRACKS_KEPT = Statement("""
    SELECT id, courier, ref, last_at FROM track WHERE tenant = :tenant AND id > :after ORDER BY id LIMIT :limit
""")
TRACKS_PRESENT = Statement(
    "SELECT t.id, t.courier, t.ref, t.last_at FROM {q} {each track t ON t.tenant = :tenant AND t.id = q.id}",
    many={"q": {"id": "bigint"}},
)
KEYS_OF_TRACKS = Statement(
    "SELECT t.key FROM {q} {each track t ON t.tenant = :tenant AND t.id = q.id}", many={"q": {"id": "bigint"}}
)
