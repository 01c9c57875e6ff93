"""All SQL of identity."""

from collections.abc import Collection, Mapping

from database.statement import Insertion, Statement
from database.transaction import Transaction
from dsar.identity import tables
from dsar.identity.guard import Guard

INSERT_CHALLENGES = Insertion(
    tables.IdentityChallengeRow,
    ("tenant", "id", "subject", "request", "session", "locale", "tries", "made_at", "expires_at", "ended_at"),
)
INSERT_CLAIMS = Insertion(tables.IdentityClaimRow, ("tenant", "challenge", "place", "who", "channel"))
CHALLENGE_TO_CHANGE = Statement("""
    SELECT c.subject, c.request, c.session, c.locale, c.tries, c.expires_at, c.ended_at FROM identity_challenge c
    WHERE c.tenant = :tenant AND c.id = :id {for_update:c}
""")
CLAIMS_OF = Statement("""
    SELECT place, who, channel, digest, sent_by, sent_at FROM identity_claim
    WHERE tenant = :tenant AND challenge = :challenge ORDER BY place
""")
COUNT_TRY = Statement("""
    UPDATE identity_challenge SET tries = :tries, ended_at = :ended_at WHERE tenant = :tenant AND id = :id
""")
DRAW_CODE = Statement("""
    UPDATE identity_claim SET digest = :digest WHERE tenant = :tenant AND challenge = :challenge AND place = :place
""")
NOTE_SENT = Statement("""
    UPDATE identity_claim SET sent_by = :sent_by, sent_at = :at
    WHERE tenant = :tenant AND challenge = :challenge AND place = :place
""")

_MAKE_GUARD = Insertion(
    tables.IdentityGuardRow,
    ("tenant", "who", "failures", "locked_until", "sends", "window_at", "sent_at", "touched_at"),
    ignore_conflicts=True,
)
_GUARD_TO_CHANGE = Statement("""
    SELECT g.failures, g.locked_until, g.sends, g.window_at, g.sent_at, g.touched_at FROM identity_guard g
    WHERE g.tenant = :tenant AND g.who = :who {for_update:g}
""")
_SET_GUARD = Statement("""
    UPDATE identity_guard SET failures = :failures, locked_until = :locked_until, sends = :sends, window_at = :window_at,
        sent_at = :sent_at, touched_at = :touched_at
    WHERE tenant = :tenant AND who = :who
""")

INSERT_LINKS = Insertion(tables.IdentityLinkRow, ("tenant", "digest", "subject", "expires_at", "used_at"))
TAKE_LINK = Statement("""
    UPDATE identity_link SET used_at = :at WHERE tenant = :tenant AND digest = :digest AND used_at IS NULL AND expires_at > :at
""")
LINK = Statement("SELECT subject, expires_at, used_at FROM identity_link WHERE tenant = :tenant AND digest = :digest")

_SESSION = "subject, platform_at, sms_at, email_at, expires_at"
INSERT_SESSIONS = Insertion(
    tables.IdentitySessionRow, ("tenant", "digest", "subject", "platform_at", "sms_at", "email_at", "expires_at")
)
SESSION = Statement(f"""
    SELECT {_SESSION} FROM identity_session WHERE tenant = :tenant AND digest = :digest AND expires_at > :at
""")  # noqa: S608 - constant columns
STRENGTHEN_SESSION = Statement("""
    UPDATE identity_session SET sms_at = :sms_at, email_at = :email_at WHERE tenant = :tenant AND digest = :digest
""")
END_SESSION = Statement("DELETE FROM identity_session WHERE tenant = :tenant AND digest = :digest")

PUT_KEY = Statement("""
    INSERT INTO identity_key (tenant, thumbprint, der, made_at, revoked_at) VALUES (:tenant, :thumbprint, :der, :at, NULL)
    ON CONFLICT (tenant, thumbprint) DO UPDATE SET revoked_at = NULL, made_at = excluded.made_at
""")
KEYS = Statement("SELECT thumbprint, der, made_at FROM identity_key WHERE tenant = :tenant AND revoked_at IS NULL")
REVOKE_KEY = Statement("""
    UPDATE identity_key SET revoked_at = :at WHERE tenant = :tenant AND thumbprint = :thumbprint AND revoked_at IS NULL
""")
INSERT_ASSERTIONS = Insertion(tables.IdentityAssertionRow, ("tenant", "digest", "expires_at"), ignore_conflicts=True)

PUT_PROOF = Statement("""
    INSERT INTO identity_proof (tenant, request, proof, method, level, verifier, at)
    VALUES (:tenant, :request, :proof, :method, :level, :verifier, :at)
    ON CONFLICT (tenant, request, proof, method) DO UPDATE
    SET level = excluded.level, verifier = excluded.verifier, at = excluded.at
""")
PROOFS_OF = Statement("""
    SELECT proof, method, level, verifier, at FROM identity_proof WHERE tenant = :tenant AND request = :request ORDER BY at,
    proof, method
""")

FORGET_CHALLENGES = Statement("DELETE FROM identity_challenge WHERE expires_at < :before")
FORGET_LINKS = Statement("DELETE FROM identity_link WHERE expires_at < :before")
FORGET_SESSIONS = Statement("DELETE FROM identity_session WHERE expires_at < :before")
FORGET_ASSERTIONS = Statement("DELETE FROM identity_assertion WHERE expires_at < :before")
FORGET_GUARDS = Statement("""
    DELETE FROM identity_guard
    WHERE touched_at < :quiet AND locked_until < :quiet OR touched_at < :hour AND failures = 0
""")

DELETE_CHALLENGES_OF = Statement("DELETE FROM identity_challenge WHERE tenant = :tenant AND subject = :subject")
DELETE_LINKS_OF = Statement("DELETE FROM identity_link WHERE tenant = :tenant AND subject = :subject")
DELETE_SESSIONS_OF = Statement("DELETE FROM identity_session WHERE tenant = :tenant AND subject = :subject")


def guards_to_change(tx: Transaction, tenant: int, whos: Collection[bytes]) -> dict[bytes, Guard]:
    """What was tried under each fingerprint, held until the transaction ends, always in the same order. One that is new is made
    first, so that two who come at once wait for each other."""
    ordered = sorted(set(whos))
    tx.insert(_MAKE_GUARD, [(tenant, who, 0, 0, 0, 0, 0, 0) for who in ordered])
    found = {}
    for who in ordered:
        row = tx.one(_GUARD_TO_CHANGE, tenant=tenant, who=who)
        assert row is not None
        failures, locked_until, sends, window_at, sent_at, touched_at = row
        found[who] = Guard(
            failures=failures,
            locked_until=locked_until,
            sends=sends,
            window_at=window_at,
            sent_at=sent_at,
            touched_at=touched_at,
        )
    return found


def set_guards(tx: Transaction, tenant: int, guards: Mapping[bytes, Guard]) -> None:
    """Write them back."""
    tx.run_each(
        _SET_GUARD,
        [
            {
                "tenant": tenant,
                "who": who,
                "failures": guard.failures,
                "locked_until": guard.locked_until,
                "sends": guard.sends,
                "window_at": guard.window_at,
                "sent_at": guard.sent_at,
                "touched_at": guard.touched_at,
            }
            for who, guard in guards.items()
        ],
    )
