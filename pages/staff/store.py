"""All SQL about staff."""

from database.statement import Insertion, Statement
from pages.staff.tables import (
    StaffChallengeRow,
    StaffGuardRow,
    StaffLinkRow,
    StaffPasskeyRow,
    StaffRecoveryRow,
    StaffRow,
    StaffSessionRow,
    StaffTotpRow,
)

INSERT_STAFF = Insertion(
    StaffRow, ("id", "tenant", "credential", "handle", "outside", "made_at", "enrolled_at", "disabled_at")
)

_MEMBER = "s.id, s.credential, c.name, c.role, s.handle, s.made_at, s.enrolled_at, s.disabled_at"
_WITH_CREDENTIAL = "staff s JOIN credential c ON c.tenant = s.tenant AND c.id = s.credential"

MEMBER = Statement(f"""
    SELECT {_MEMBER} FROM {_WITH_CREDENTIAL} WHERE s.tenant = :tenant AND s.id = :id
""")  # noqa: S608 - the columns are a constant of this module

MEMBER_TO_CHANGE = Statement(f"""
    SELECT {_MEMBER} FROM {_WITH_CREDENTIAL} WHERE s.tenant = :tenant AND s.id = :id {{for_update:s}}
""")  # noqa: S608 - the columns are a constant of this module

MEMBER_NAMED = Statement(f"""
    SELECT {_MEMBER} FROM {_WITH_CREDENTIAL} WHERE s.tenant = :tenant AND c.name = :name AND c.revoked_at IS NULL
""")  # noqa: S608 - as above

MEMBER_OUTSIDE = Statement(f"""
    SELECT {_MEMBER} FROM {_WITH_CREDENTIAL} WHERE s.tenant = :tenant AND s.outside = :outside {{for_update:s}}
""")  # noqa: S608 - as above

MEMBERS_PAGE = Statement(f"""
    SELECT {_MEMBER} FROM {_WITH_CREDENTIAL} WHERE s.tenant = :tenant AND s.id > :after ORDER BY s.id LIMIT :limit
""")  # noqa: S608 - as above

ENROL = Statement("""
    UPDATE staff SET enrolled_at = coalesce(enrolled_at, :at) WHERE tenant = :tenant AND id = :id
""")
DISABLE = Statement("""
    UPDATE staff SET disabled_at = :at WHERE tenant = :tenant AND id = :id AND disabled_at IS NULL
""")
CREDENTIAL_UNTIL = Statement("""
    UPDATE credential SET expires_at = :at WHERE tenant = :tenant AND id = :id AND revoked_at IS NULL
""")
CREDENTIAL_ROLE = Statement("""
    UPDATE credential SET role = :role, scopes = :scopes WHERE tenant = :tenant AND id = :id AND revoked_at IS NULL
""")

CREDENTIAL_NAMED = Statement("""
    SELECT id FROM credential WHERE tenant = :tenant AND name = :name AND revoked_at IS NULL
""")

INSERT_LINK = Insertion(StaffLinkRow, ("tenant", "digest", "staff", "recovery", "expires_at", "used_at"))
LINK = Statement("""
    SELECT staff, recovery FROM staff_link
    WHERE tenant = :tenant AND digest = :digest AND used_at IS NULL AND expires_at > :at
""")
LINK_TENANT = Statement("SELECT tenant FROM staff_link WHERE digest = :digest")
TAKE_LINK = Statement("""
    UPDATE staff_link SET used_at = :at
    WHERE tenant = :tenant AND digest = :digest AND used_at IS NULL AND expires_at > :at
""")
END_LINKS = Statement("""
    UPDATE staff_link SET used_at = :at WHERE tenant = :tenant AND staff = :staff AND used_at IS NULL
""")

INSERT_PASSKEY = Insertion(
    StaffPasskeyRow,
    ("tenant", "id", "staff", "public_key", "signs", "synced", "made_at", "used_at"),
    ignore_conflicts=True,
)
PASSKEY = Statement("""
    SELECT p.staff, p.public_key, p.signs FROM staff_passkey p
    WHERE p.tenant = :tenant AND p.id = :id {for_update:p}
""")
PASSKEYS = Statement("""
    SELECT id, synced, made_at, used_at FROM staff_passkey WHERE tenant = :tenant AND staff = :staff ORDER BY made_at
""")
PASSKEY_USED = Statement("""
    UPDATE staff_passkey SET signs = :signs, used_at = :at WHERE tenant = :tenant AND id = :id
""")
REMOVE_PASSKEY = Statement("DELETE FROM staff_passkey WHERE tenant = :tenant AND staff = :staff AND id = :id")
REMOVE_PASSKEYS = Statement("DELETE FROM staff_passkey WHERE tenant = :tenant AND staff = :staff")

INSERT_TOTP = Insertion(StaffTotpRow, ("tenant", "staff", "key", "sealed", "made_at", "step"))
TOTP = Statement("SELECT key, sealed FROM staff_totp WHERE tenant = :tenant AND staff = :staff")
TOTP_STEP = Statement("""
    SELECT o.step FROM staff_totp o WHERE o.tenant = :tenant AND o.staff = :staff {for_update:o}
""")
TOTP_TAKEN = Statement("""
    UPDATE staff_totp SET step = :step WHERE tenant = :tenant AND staff = :staff AND step < :step
""")
REMOVE_TOTP = Statement("DELETE FROM staff_totp WHERE tenant = :tenant AND staff = :staff")

INSERT_GUARD = Insertion(StaffGuardRow, ("tenant", "place", "failures", "locked_until"))
GUARD = Statement("""
    SELECT g.failures, g.locked_until FROM staff_guard g WHERE g.tenant = :tenant AND g.place = :place {for_update:g}
""")
GUARDED = Statement("""
    UPDATE staff_guard SET failures = :failures, locked_until = :locked_until WHERE tenant = :tenant AND place = :place
""")

INSERT_CHALLENGE = Insertion(StaffChallengeRow, ("tenant", "digest", "staff", "expires_at"))
TAKE_CHALLENGE = Statement("""
    DELETE FROM staff_challenge
    WHERE tenant = :tenant AND digest = :digest AND expires_at > :at AND coalesce(staff, 0) = :staff
""")

INSERT_SESSION = Insertion(
    StaffSessionRow,
    ("tenant", "digest", "staff", "method", "device", "begun_at", "seen_at", "verified_at", "expires_at"),
)
SESSION = Statement("""
    SELECT n.tenant, n.staff, s.credential, c.name, c.role, c.scopes, n.method, n.device, n.begun_at, n.seen_at,
        n.verified_at, n.expires_at, s.disabled_at, c.revoked_at, c.frozen_at, c.expires_at
    FROM staff_session n
    JOIN staff s ON s.tenant = n.tenant AND s.id = n.staff
    JOIN credential c ON c.tenant = s.tenant AND c.id = s.credential
    WHERE n.digest = :digest
""")
SESSIONS = Statement("""
    SELECT digest, method, device, begun_at, seen_at FROM staff_session
    WHERE tenant = :tenant AND staff = :staff AND expires_at > :at AND seen_at > :idle_since ORDER BY begun_at DESC
""")
SESSION_SEEN = Statement("""
    UPDATE staff_session SET seen_at = :at WHERE tenant = :tenant AND digest = :digest AND seen_at < :at
""")
SESSION_VERIFIED = Statement("""
    UPDATE staff_session SET verified_at = :at WHERE tenant = :tenant AND digest = :digest
""")
END_SESSION = Statement("DELETE FROM staff_session WHERE tenant = :tenant AND staff = :staff AND digest = :digest")
END_SESSIONS = Statement("DELETE FROM staff_session WHERE tenant = :tenant AND staff = :staff")
END_OTHER_SESSIONS = Statement("""
    DELETE FROM staff_session WHERE tenant = :tenant AND staff = :staff AND digest <> :digest
""")

INSERT_RECOVERY = Insertion(
    StaffRecoveryRow,
    ("id", "tenant", "staff", "asked_by", "asked_at", "approved_by", "approved_at", "used_at", "expires_at"),
)
RECOVERIES = Statement("""
    SELECT r.id, r.staff, c.name, r.asked_by, a.name, r.asked_at, r.approved_by, r.approved_at
    FROM staff_recovery r
    JOIN staff s ON s.tenant = r.tenant AND s.id = r.staff
    JOIN credential c ON c.tenant = s.tenant AND c.id = s.credential
    JOIN credential a ON a.tenant = r.tenant AND a.id = r.asked_by
    WHERE r.tenant = :tenant AND r.used_at IS NULL AND r.expires_at > :at ORDER BY r.id DESC LIMIT 100
""")
RECOVERY = Statement("""
    SELECT r.staff, r.asked_by, r.approved_by FROM staff_recovery r
    WHERE r.tenant = :tenant AND r.id = :id AND r.used_at IS NULL AND r.expires_at > :at {for_update:r}
""")
RECOVERY_OPEN = Statement("""
    SELECT id FROM staff_recovery WHERE tenant = :tenant AND staff = :staff AND used_at IS NULL AND expires_at > :at
""")
APPROVE_RECOVERY = Statement("""
    UPDATE staff_recovery SET approved_by = :by, approved_at = :at WHERE tenant = :tenant AND id = :id
""")
USE_RECOVERY = Statement("UPDATE staff_recovery SET used_at = :at WHERE tenant = :tenant AND id = :id")

FORGET_SESSIONS = Statement("DELETE FROM staff_session WHERE expires_at <= :at OR seen_at <= :idle_since")
FORGET_CHALLENGES = Statement("DELETE FROM staff_challenge WHERE expires_at <= :at")
FORGET_LINKS = Statement("DELETE FROM staff_link WHERE expires_at <= :at")
FORGET_RECOVERIES = Statement("DELETE FROM staff_recovery WHERE expires_at <= :at")
