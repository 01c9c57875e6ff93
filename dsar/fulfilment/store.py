"""All SQL of the fulfilment of rights."""

from database.statement import Statement

PUT_CORRECTION = Statement("""
    INSERT INTO dsar_correction (tenant, request, subject, seal_version, sealed, submitted_at)
    VALUES (:tenant, :request, :subject, :version, :sealed, :at)
    ON CONFLICT (tenant, request) DO UPDATE
    SET seal_version = excluded.seal_version, sealed = excluded.sealed, submitted_at = excluded.submitted_at
""")
CORRECTION = Statement("SELECT seal_version, sealed FROM dsar_correction WHERE tenant = :tenant AND request = :request")
DELETE_CORRECTION = Statement("DELETE FROM dsar_correction WHERE tenant = :tenant AND request = :request")
DELETE_CORRECTIONS_OF = Statement("DELETE FROM dsar_correction WHERE tenant = :tenant AND subject = :subject")
DELETE_OLD_CORRECTIONS = Statement("DELETE FROM dsar_correction WHERE submitted_at < :before")
