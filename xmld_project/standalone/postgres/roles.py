"""The embedded server's two roles: `postgres` owns the server, and the product's `xmld` owns its database alone."""

from typing import Final, LiteralString

import psycopg
from psycopg import sql

OWNER: Final = "postgres"
PRODUCT: Final = "xmld"
_RENAMES: Final = "xmld_renames"
# What is in the database belongs to its role; the server's own catalogues stay with the server's owner.
_OURS: Final = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
_HAND_OVER: Final = f"""
DO $$
DECLARE each record;
BEGIN
    FOR each IN SELECT n.nspname AS name FROM pg_namespace n WHERE {_OURS} AND n.nspname <> 'public'
    LOOP EXECUTE format('ALTER SCHEMA %I OWNER TO {PRODUCT}', each.name); END LOOP;
    FOR each IN SELECT c.oid::regclass AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {_OURS} AND (c.relkind IN ('r', 'p', 'v', 'm') OR c.relkind = 'S' AND NOT EXISTS (
            SELECT FROM pg_depend d
            WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')))
    LOOP EXECUTE format('ALTER TABLE %s OWNER TO {PRODUCT}', each.name); END LOOP;
    FOR each IN SELECT p.oid::regprocedure AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE {_OURS}
    LOOP EXECUTE format('ALTER ROUTINE %s OWNER TO {PRODUCT}', each.name); END LOOP;
END $$
"""  # noqa: S608  constants of this module


def prepare(owner_url: str, password: str) -> None:
    """Make the product's role and its database, and give it what is there. Raises psycopg.Error."""
    with psycopg.connect(owner_url, autocommit=True) as server:
        server.execute(f"DROP ROLE IF EXISTS {_RENAMES}")
        _make_role(server, password)
        asked = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s"
        owner = server.execute(asked, [PRODUCT]).fetchone()
        if owner is None:
            server.execute(f"CREATE DATABASE {PRODUCT} OWNER {PRODUCT}")
    if owner is not None and owner != (PRODUCT,):
        with psycopg.connect(owner_url, dbname=PRODUCT) as database:
            database.execute(_HAND_OVER)
            database.execute(f"ALTER DATABASE {PRODUCT} OWNER TO {PRODUCT}")


def give_up_superuser(url: str, owner_url: str, owner_password: str, password: str) -> bool:
    """Turn a server that was made with the product's role as its superuser into one of two roles; True if it did.

    The role that a server was made with stays a superuser for ever, so it is renamed, by a role that is made for
    it: nobody renames themselves. Whatever is left undone by a crash is done by `prepare` at the next start.
    """
    with psycopg.connect(url, autocommit=True) as server:
        asked = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
        if server.execute(asked).fetchone() != (True,):
            return False
        server.execute(f"DROP ROLE IF EXISTS {_RENAMES}")
        server.execute(_with_password(f"CREATE ROLE {_RENAMES} SUPERUSER LOGIN PASSWORD {{}}", owner_password))
    with psycopg.connect(url, user=_RENAMES, password=owner_password) as server:
        server.execute(_with_password(f"ALTER ROLE {PRODUCT} PASSWORD {{}}", owner_password))
        server.execute(f"ALTER ROLE {PRODUCT} RENAME TO {OWNER}")
    prepare(owner_url, password)
    return True


def _make_role(server: psycopg.Connection[tuple[object, ...]], password: str) -> None:
    there = server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [PRODUCT]).fetchone()
    made = f"ALTER ROLE {PRODUCT}" if there else f"CREATE ROLE {PRODUCT}"
    server.execute(_with_password(f"{made} LOGIN NOSUPERUSER PASSWORD {{}}", password))
    # The check of standbys reads what pg_stat_replication and pg_settings tell these alone.
    server.execute(f"GRANT pg_monitor TO {PRODUCT}")


def _with_password(statement: LiteralString, password: str) -> sql.Composed:
    return sql.SQL(statement).format(sql.Literal(password))
