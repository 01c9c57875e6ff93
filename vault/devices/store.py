"""All SQL of devices."""

from database.statement import Insertion, Statement
from vault.devices.tables import DeviceKeyRow

INSERT_DEVICES = Insertion(DeviceKeyRow, ("id", "tenant", "subject", "public_key", "created_at", "expires_at"))
_DEVICE = "d.id, d.subject, d.public_key, d.created_at, d.expires_at, d.revoked_at"
DEVICE_OF_KEY = Statement(
    f"SELECT {_DEVICE} FROM device_key d WHERE tenant = :tenant AND public_key = :key"  # noqa: S608 - constant columns
)
DEVICE = Statement(
    f"SELECT {_DEVICE} FROM device_key d WHERE tenant = :tenant AND id = :id"  # noqa: S608 - constant columns
)
DEVICES_OF = Statement(f"""
    SELECT {_DEVICE} FROM device_key d WHERE tenant = :tenant AND subject = :subject AND id > :after ORDER BY id LIMIT :limit
""")  # noqa: S608 - constant columns
COUNT_LIVE = Statement("""
    SELECT count(*) FROM device_key
    WHERE tenant = :tenant AND subject = :subject AND revoked_at IS NULL AND expires_at > :at
""")
REVOKE = Statement("""
    UPDATE device_key SET revoked_at = :at WHERE tenant = :tenant AND id = :id AND subject = :subject AND revoked_at IS NULL
""")
DELETE_DEVICES_OF = Statement("DELETE FROM device_key WHERE tenant = :tenant AND subject = :subject")
DELETE_ENDED = Statement("DELETE FROM device_key WHERE expires_at < :before OR revoked_at < :before")
