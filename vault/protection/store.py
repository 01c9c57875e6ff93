"""All SQL of freezes and honey tokens."""

from database.statement import Insertion, Statement
from vault.protection.tables import FreezeRow, HoneyTokenRow

INSERT_FREEZES = Insertion(FreezeRow, ("id", "tenant", "kind", "target", "reason", "frozen_by", "frozen_at"))
_FREEZE = "f.id, f.kind, f.target, f.reason, f.frozen_by, f.frozen_at, f.lifted_by, f.lifted_at"
FREEZE = Statement(f"SELECT {_FREEZE} FROM access_freeze f WHERE f.tenant = :tenant AND f.id = :id")  # noqa: S608 - constant columns
FREEZE_TO_LIFT = Statement(
    f"SELECT {_FREEZE} FROM access_freeze f WHERE f.tenant = :tenant AND f.id = :id {{for_update:f}}"  # noqa: S608 - constant columns
)
FREEZES = Statement(f"""
    SELECT {_FREEZE} FROM access_freeze f WHERE f.tenant = :tenant AND f.id > :after AND f.lifted_at IS NULL
    ORDER BY f.id LIMIT :limit
""")  # noqa: S608 - constant columns
IN_FORCE = Statement(f"""
    SELECT {_FREEZE} FROM access_freeze f
    WHERE f.tenant = :tenant AND f.kind = :kind AND f.target = :target AND f.lifted_at IS NULL
""")  # noqa: S608 - constant columns
LIFT = Statement("""
    UPDATE access_freeze SET lifted_by = :by, lifted_at = :at
    WHERE tenant = :tenant AND id = :id AND lifted_at IS NULL
""")
FORGET_FROZEN = Statement("""
    UPDATE access_freeze SET target = -1, lifted_by = coalesce(lifted_by, 0), lifted_at = coalesce(lifted_at, :at)
    WHERE tenant = :tenant AND target = :subject AND kind IN ('subject', 'courier')
""")
ORDERS_TO_REJOIN = Statement("""
    SELECT ref, customer FROM assignment
    WHERE tenant = :tenant AND courier = :courier AND stage IN ('assigned', 'picked_up') AND customer IS NOT NULL ORDER BY ref
""")

INSERT_HONEY = Insertion(
    HoneyTokenRow, ("tenant", "record", "kind", "token_version", "place", "freezes", "made_by", "made_at")
)
_HONEY = "h.record, h.kind, h.token_version, h.place, h.freezes, h.made_by, h.made_at, h.trips, h.tripped_at"
HONEY = Statement(
    f"SELECT {_HONEY} FROM {{q}} {{each honey_token h ON h.tenant = :tenant AND h.record = q.record}}",  # noqa: S608 - constant columns
    many={"q": {"record": "bigint"}},
)
HONEY_PAGE = Statement(f"""
    SELECT {_HONEY} FROM honey_token h WHERE h.tenant = :tenant AND h.record > :after ORDER BY h.record LIMIT :limit
""")  # noqa: S608 - constant columns
TRIP = Statement("""
    UPDATE honey_token SET trips = trips + 1, tripped_at = :at WHERE tenant = :tenant AND record = :record
""")
