"""All SQL of pictures."""

from database.statement import Insertion, Statement
from vault.pictures.tables import PictureChunkRow, PictureRow

INSERT_PICTURES = Insertion(
    PictureRow,
    (
        "id",
        "tenant",
        "subject",
        "ref",
        "key",
        "header",
        "format",
        "state",
        "size",
        "chunks",
        "created_at",
        "expires_at",
    ),
)
INSERT_CHUNKS = Insertion(PictureChunkRow, ("tenant", "picture", "number", "sealed"))
_PICTURE = "p.id, p.subject, p.ref, p.key, p.header, p.format, p.state, p.size, p.chunks, p.created_at, p.expires_at"
PICTURE = Statement(
    f"SELECT {_PICTURE} FROM picture p WHERE tenant = :tenant AND id = :id"  # noqa: S608 - constant columns
)
PICTURES_OF_ORDER = Statement(f"""
    SELECT {_PICTURE} FROM picture p WHERE tenant = :tenant AND ref = :ref AND state = 'stored' AND expires_at > :at
    AND id > :after ORDER BY id LIMIT :limit
""")  # noqa: S608 - constant columns
PICTURES_OF = Statement(f"""
    SELECT {_PICTURE} FROM picture p WHERE tenant = :tenant AND subject = :subject AND state = 'stored' ORDER BY id
""")  # noqa: S608 - constant columns
COUNT_OF_ORDER = Statement("SELECT count(*) FROM picture WHERE tenant = :tenant AND ref = :ref")
HOLD_PENDING = Statement("""
    SELECT id FROM picture p WHERE tenant = :tenant AND id = :id AND state = 'pending' {for_update:p}
""")
FINISH = Statement("""
    UPDATE picture SET state = 'stored', size = :size, chunks = :chunks, expires_at = :expires_at
    WHERE tenant = :tenant AND id = :id AND state = 'pending'
""")
CHUNK = Statement("""
    SELECT sealed FROM picture_chunk WHERE tenant = :tenant AND picture = :picture AND number = :number
""")
EXPIRED_PICTURES = Statement("""
    SELECT tenant, id, key, subject, ref FROM picture WHERE expires_at <= :at AND held_until <= :at
    ORDER BY expires_at LIMIT :limit
""")
PUT_OFF = Statement("UPDATE picture SET held_until = :until WHERE tenant = :tenant AND id = :id")
PICTURES_KEPT = Statement("""
    SELECT id, subject, ref, created_at FROM picture WHERE tenant = :tenant AND id > :after AND state = 'stored'
    ORDER BY id LIMIT :limit
""")
PICTURES_PRESENT = Statement(
    """
    SELECT p.id, p.subject, p.ref, p.created_at FROM {q} {each picture p ON p.tenant = :tenant AND p.id = q.id}
    WHERE p.state = 'stored'
    """,
    many={"q": {"id": "bigint"}},
)
KEYS_OF_PICTURES = Statement(
    "SELECT p.key FROM {q} {each picture p ON p.tenant = :tenant AND p.id = q.id}", many={"q": {"id": "bigint"}}
)
