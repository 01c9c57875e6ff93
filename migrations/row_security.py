"""Row level security of PostgreSQL: a transaction sees the rows of the tenant that it names, and no others.

The program works under the role `moat_app`, which owns nothing, so that security is forced upon it. `SET LOCAL
moat.tenant` names the tenant, -1 the system's own scope; a transaction that names none sees nothing. On SQLite there is
nothing to do: one process, one file, and tests that refuse a statement without a tenant.
"""

from alembic import op

from database.pool import APPLICATION_ROLE, SYSTEM_SCOPE

_NAMED = "nullif(current_setting('moat.tenant', true), '')::bigint"


def grant_to_application() -> None:
    """Make the application's role, if it is not there, and let it use the schema and whatever tables come later.

    The migrating role needs CREATEROLE for this, once; or somebody makes the role and grants it beforehand.
    """
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(f"""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{APPLICATION_ROLE}') THEN
                CREATE ROLE {APPLICATION_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS;
                -- From PostgreSQL 16 on, who makes a role is its member at once, but may not become it without this.
                GRANT {APPLICATION_ROLE} TO CURRENT_USER;
            END IF;
            IF NOT pg_has_role('{APPLICATION_ROLE}', 'MEMBER') THEN
                GRANT {APPLICATION_ROLE} TO CURRENT_USER;
            END IF;
            EXECUTE format('GRANT USAGE ON SCHEMA %I TO {APPLICATION_ROLE}', current_schema());
            EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I
                GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APPLICATION_ROLE}', current_schema());
            EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I
                GRANT USAGE ON SEQUENCES TO {APPLICATION_ROLE}', current_schema());
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO {APPLICATION_ROLE}',
                current_schema());
        END $$
    """)  # noqa: S608 - constants of this program


def protect(*tables: str, column: str = "tenant") -> None:
    """Force row level security on tables whose `column` is the tenant's number."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant_rows ON {table} USING ({column} = {_NAMED} OR {_NAMED} = {SYSTEM_SCOPE})")
