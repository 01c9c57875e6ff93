"""All SQL of packages."""

from database.statement import Insertion, Statement
from dsar.disclosure.tables import PackageChoiceRow, PackageLinkRow, PackageRow

INSERT_CHOICES = Insertion(PackageChoiceRow, ("tenant", "request", "subject", "receiver", "seal_version", "sealed"))
CHOICE = Statement("""
    SELECT receiver, seal_version, sealed FROM package_choice WHERE tenant = :tenant AND request = :request
""")
DELETE_CHOICE = Statement("DELETE FROM package_choice WHERE tenant = :tenant AND request = :request")

INSERT_PACKAGES = Insertion(
    PackageRow,
    (
        "tenant",
        "id",
        "request",
        "subject",
        "state",
        "receiver",
        "made_at",
        "expires_at",
        "records",
        "downloads",
    ),
)
_PACKAGE = """p.tenant, p.id, p.request, p.subject, p.state, p.receiver, p.made_at, p.expires_at, p.digest, p.size, p.records,
    p.downloads, p.receipt, p.seal_version, p.sealed"""
PACKAGE = Statement(f"SELECT {_PACKAGE} FROM package p WHERE p.tenant = :tenant AND p.id = :id")  # noqa: S608 - constant columns
PACKAGE_OF_REQUEST = Statement(
    f"SELECT {_PACKAGE} FROM package p WHERE p.tenant = :tenant AND p.request = :request {{for_update:p}}"  # noqa: S608 - constant columns
)
READY = Statement("""
    UPDATE package SET state = 'ready', digest = :digest, size = :size, records = :records, expires_at = :expires_at,
        seal_version = :seal_version, sealed = :sealed
    WHERE tenant = :tenant AND id = :id AND state = 'building'
""")
FORGET_SECRET = Statement("""
    UPDATE package SET sealed = NULL, seal_version = NULL
    WHERE tenant = :tenant AND id = :id AND state = 'ready' AND sealed IS NOT NULL
""")
END_PACKAGE = Statement("""
    UPDATE package SET state = :state, sealed = NULL, seal_version = NULL
    WHERE tenant = :tenant AND id = :id AND state IN ('building', 'ready')
""")
TRANSFERRED = Statement("""
    UPDATE package SET state = 'transferred', receipt = :receipt WHERE tenant = :tenant AND id = :id AND state = 'ready'
""")
COUNT_DOWNLOAD = Statement("UPDATE package SET downloads = downloads + 1 WHERE tenant = :tenant AND id = :id")
DELETE_PACKAGE = Statement("DELETE FROM package WHERE tenant = :tenant AND id = :id")
OPEN_PACKAGES = Statement("SELECT id FROM package WHERE state IN ('building', 'ready')")
DUE_PACKAGES = Statement("""
    SELECT tenant, id FROM package
    WHERE expires_at <= :at AND state IN ('building', 'ready') ORDER BY expires_at LIMIT :limit
""")
UNSETTLED_PACKAGES = Statement("""
    SELECT tenant, id, request FROM package
    WHERE state = 'building' OR (state = 'ready' AND receiver IS NOT NULL) ORDER BY made_at LIMIT :limit
""")
DELETE_OLD_PACKAGES = Statement("""
    DELETE FROM package WHERE made_at < :before AND state NOT IN ('building', 'ready')
""")

INSERT_LINKS = Insertion(PackageLinkRow, ("tenant", "digest", "package", "expires_at", "opened"))
LINK = Statement(f"""
    SELECT l.expires_at, l.used_at, {_PACKAGE}
    FROM package_link l JOIN package p ON p.tenant = l.tenant AND p.id = l.package
    WHERE l.tenant = :tenant AND l.digest = :digest
""")  # noqa: S608 - constant columns
OPEN_LINK = Statement("""
    UPDATE package_link SET opened = opened + 1
    WHERE tenant = :tenant AND digest = :digest AND used_at IS NULL AND expires_at > :at AND opened < :at_most
""")
USE_LINK = Statement("""
    UPDATE package_link SET used_at = :at WHERE tenant = :tenant AND digest = :digest AND used_at IS NULL
""")
DELETE_LINKS = Statement("DELETE FROM package_link WHERE tenant = :tenant AND package = :package")

DELETE_CHOICES_OF = Statement("DELETE FROM package_choice WHERE tenant = :tenant AND subject = :subject")
DELETE_LINKS_OF = Statement("""
    DELETE FROM package_link WHERE tenant = :tenant AND package IN (
        SELECT p.id FROM package p WHERE p.tenant = :tenant AND p.subject = :subject)
""")
DELETE_PACKAGES_OF = Statement("DELETE FROM package WHERE tenant = :tenant AND subject = :subject")
