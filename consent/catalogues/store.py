"""All SQL of catalogues and notices."""

from consent.tables import ConsentCatalogue, ConsentNotice, ConsentNoticeText, ConsentTold
from database.statement import Insertion, Statement
from database.transaction import Transaction

INSERT_CATALOGUE = Insertion(
    ConsentCatalogue, ("tenant", "version", "digest", "source", "material", "starter", "applied_at")
)
INSERT_NOTICES = Insertion(
    ConsentNotice, ("tenant", "purpose", "version", "catalogue", "material", "change", "published_at")
)
INSERT_TEXTS = Insertion(ConsentNoticeText, ("tenant", "purpose", "version", "locale", "title", "text", "digest"))
INSERT_TOLD = Insertion(
    ConsentTold, ("tenant", "purpose", "version", "subject", "channel", "at"), ignore_conflicts=True
)

_LOCK = Statement("SELECT pg_advisory_xact_lock(CAST(:lock AS integer), CAST(:tenant AS integer))")
_CATALOGUE_LOCK = 0x6D6F6163


def lock_catalogue(tx: Transaction, tenant: int) -> None:
    """Keep others from publishing for the tenant until this transaction ends. A write on SQLite excludes them anyway."""
    if tx.dialect == "postgresql":
        tx.one(_LOCK, lock=_CATALOGUE_LOCK, tenant=tenant)


HEAD = Statement("SELECT version FROM consent_catalogue WHERE tenant = :tenant ORDER BY version DESC LIMIT 1")

_EDITION = "c.version, c.digest, c.source, c.material, c.applied_at, c.starter"

LAST_EDITION = Statement(f"""
    SELECT {_EDITION} FROM consent_catalogue c WHERE c.tenant = :tenant ORDER BY c.version DESC LIMIT 1
""")  # noqa: S608 - a constant list of columns

EDITION = Statement(f"""
    SELECT {_EDITION} FROM consent_catalogue c WHERE c.tenant = :tenant AND c.version = :version
""")  # noqa: S608 - a constant list of columns

VERSION_AT = Statement("""
    SELECT version FROM consent_catalogue WHERE tenant = :tenant AND applied_at <= :at ORDER BY version DESC LIMIT 1
""")

VERSIONS = Statement("""
    SELECT version, digest, starter, applied_at FROM consent_catalogue WHERE tenant = :tenant ORDER BY version
""")

LATEST_NOTICES = Statement("""
    SELECT purpose, max(version) FROM consent_notice WHERE tenant = :tenant GROUP BY purpose
""")

NOTICE_VERSIONS = Statement("""
    SELECT version, material, change, published_at FROM consent_notice
    WHERE tenant = :tenant AND purpose = :purpose ORDER BY version
""")

TEXTS_OF_NOTICE = Statement("""
    SELECT t.locale, t.title, t.text, t.digest, n.material, n.published_at
    FROM consent_notice_text t
    JOIN consent_notice n ON n.tenant = t.tenant AND n.purpose = t.purpose AND n.version = t.version
    WHERE t.tenant = :tenant AND t.purpose = :purpose AND t.version = :version
""")

DIFFERENT_SOURCES = Statement("""
    SELECT c.source FROM consent_catalogue c
    WHERE NOT EXISTS (
        SELECT 1 FROM consent_catalogue o
        WHERE o.digest = c.digest AND (o.tenant < c.tenant OR (o.tenant = c.tenant AND o.version < c.version))
    )
""")

LIVE_CONSENTS = Statement("""
    SELECT purpose, count(*) FROM consent_current
    WHERE tenant = :tenant AND state IN ('given', 'renewed') AND (valid_until IS NULL OR valid_until > :at)
    GROUP BY purpose
""")

# Who has a live consent to an older version of the notice, and was not told of this one.
_TO_TELL = """
    FROM consent_current c
    JOIN consent_event v ON v.tenant = c.tenant AND v.id = c.event
    LEFT JOIN consent_told t
        ON t.tenant = c.tenant AND t.purpose = c.purpose AND t.subject = c.subject AND t.version = :version
    WHERE c.tenant = :tenant AND c.purpose = :purpose AND c.state IN ('given', 'renewed')
        AND (c.valid_until IS NULL OR c.valid_until > :at) AND c.notice_version < :version AND t.subject IS NULL
"""
TO_TELL = Statement(f"SELECT c.subject, v.locale {_TO_TELL} ORDER BY c.subject LIMIT :limit")
COUNT_TO_TELL = Statement(f"SELECT count(*) {_TO_TELL}")

NEUTRALIZE_TOLD_OF = Statement("""
    UPDATE consent_told SET channel = NULL WHERE tenant = :tenant AND subject = :subject
""")
