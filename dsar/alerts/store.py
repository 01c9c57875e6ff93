"""All SQL of alerts."""

from database.statement import Insertion, Statement
from dsar.alerts.tables import BreachPersonRow, BreachRow

_BREACH = "b.id, b.kinds, b.cause, b.harms, b.measures, b.advice, b.happened_at, b.reported_at, b.job"
INSERT_BREACHES = Insertion(
    BreachRow,
    ("tenant", "id", "kinds", "cause", "harms", "measures", "advice", "happened_at", "reported_at", "job"),
)
INSERT_CONCERNED = Insertion(
    BreachPersonRow, ("tenant", "breach", "subject", "channel", "told_at"), ignore_conflicts=True
)
BREACH = Statement(f"SELECT {_BREACH} FROM breach b WHERE b.tenant = :tenant AND b.id = :id")  # noqa: S608 - constant columns
BREACHES = Statement(f"""
    SELECT {_BREACH} FROM breach b WHERE b.tenant = :tenant AND b.id < :before ORDER BY b.id DESC LIMIT :limit
""")  # noqa: S608 - constant columns
BREACHES_OF = Statement(f"""
    SELECT {_BREACH} FROM breach_person p JOIN breach b ON b.tenant = p.tenant AND b.id = p.breach
    WHERE p.tenant = :tenant AND p.subject = :subject AND p.told_at IS NOT NULL ORDER BY b.id DESC LIMIT :limit
""")  # noqa: S608 - constant columns
FIGURES = Statement("""
    SELECT count(*), count(channel), count(told_at) FROM breach_person WHERE tenant = :tenant AND breach = :breach
""")
TO_TELL = Statement("""
    SELECT subject FROM breach_person WHERE tenant = :tenant AND breach = :breach AND told_at IS NULL
    ORDER BY subject LIMIT :limit
""")
TELL = Statement("""
    UPDATE breach_person SET told_at = :at, channel = :channel
    WHERE tenant = :tenant AND breach = :breach AND subject = :subject
""")
DELETE_CONCERNED = Statement("DELETE FROM breach_person WHERE tenant = :tenant AND subject = :subject")

PUT_DIGEST = Statement("""
    INSERT INTO access_digest (tenant, subject, locale, since, next_at)
    VALUES (:tenant, :subject, :locale, :since, :next_at)
    ON CONFLICT (tenant, subject) DO UPDATE SET locale = :locale
""")
DELETE_DIGEST = Statement("DELETE FROM access_digest WHERE tenant = :tenant AND subject = :subject")
DIGEST = Statement("SELECT locale, since, next_at FROM access_digest WHERE tenant = :tenant AND subject = :subject")
DIGESTS_DUE = Statement("""
    SELECT subject, locale, since FROM access_digest WHERE tenant = :tenant AND next_at <= :at ORDER BY next_at LIMIT :limit
""")
COUNT_DIGESTS_DUE = Statement("SELECT count(*) FROM access_digest WHERE tenant = :tenant AND next_at <= :at")
TENANTS_WITH_DIGESTS_DUE = Statement("SELECT DISTINCT tenant FROM access_digest WHERE next_at <= :at")
MOVE_DIGEST = Statement("""
    UPDATE access_digest SET since = :at, next_at = :next_at WHERE tenant = :tenant AND subject = :subject
""")
