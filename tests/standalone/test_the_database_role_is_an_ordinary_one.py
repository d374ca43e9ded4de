"""The product owns its database and not the server, also on a server that was made when it owned both."""

import shutil

import psycopg
import pytest

from deliveries import checks
from xmld_project import environment
from xmld_project.secret_files import made_once
from xmld_project.standalone import places
from xmld_project.standalone.postgres import available, roles

ASKED = "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = current_user"
OWNERS = (
    "SELECT DISTINCT pg_get_userbyid(c.relowner) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname IN ('public', 'recipients_data')"
)


@pytest.fixture
def given(tmp_path):
    tmp_path.chmod(0o755)
    kept = environment.read({"XMLD_STATE_DIR": str(tmp_path / "state")})
    (tmp_path / "state").mkdir()
    yield kept
    home = places.from_environment(kept).home
    if home.parent == places.SHARED:
        shutil.rmtree(home, ignore_errors=True)


def test_a_new_server_gives_the_product_a_database_and_nothing_more(given):
    with available.available(given) as url, psycopg.connect(url) as product:
        assert product.execute(ASKED).fetchone() == (False, False, False, False)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            product.execute("COPY (SELECT 1) TO PROGRAM 'true'")


def test_a_server_that_the_product_owned_is_handed_over_with_all_that_stands_in_it(given, monkeypatch, capfd):
    secrets = places.from_environment(given).secrets
    one = made_once(secrets / "database_owner_password")
    (secrets / "database_password").write_text(one)
    with monkeypatch.context() as before:  # as the first version made it
        before.setattr(roles, "OWNER", "xmld")
        before.setattr(roles, "give_up_superuser", lambda *_given: False)
        before.setattr(roles, "_make_role", lambda *_given: None)
        with available.available(given) as url, psycopg.connect(url, autocommit=True) as product:
            assert product.execute(ASKED).fetchone()[0] is True
            product.execute("CREATE SCHEMA recipients_data")
            product.execute("CREATE TABLE recipients_data.db_1 (id bigint GENERATED ALWAYS AS IDENTITY, t text)")
            product.execute("CREATE TABLE kept (id serial, t text)")
            product.execute("CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'")
            product.execute("INSERT INTO kept (t) VALUES ('a')")
    (secrets / "database_owner_password").unlink()
    with available.available(given) as url, psycopg.connect(url, autocommit=True) as product:
        assert product.execute(ASKED).fetchone() == (False, False, False, False)
        assert product.execute(OWNERS).fetchall() == [("xmld",)]
        assert product.execute("SELECT t FROM kept").fetchall() == [("a",)]
        product.execute("INSERT INTO recipients_data.db_1 (t) VALUES ('b')")
        product.execute("ALTER TABLE kept ADD COLUMN u int")
        product.execute("DROP FUNCTION one()")
        product.execute("CREATE SCHEMA another")
    assert "not a superuser any more" in capfd.readouterr().err
    with available.available(given) as url, psycopg.connect(url) as product:
        assert product.execute("SELECT count(*) FROM pg_roles WHERE rolname = 'xmld_renames'").fetchone() == (0,)


@pytest.mark.parametrize(("user", "said"), [(0, ["deliveries.I001"]), (1000, [])])
def test_a_check_says_as_whom_the_parts_run_when_root_starts_them(monkeypatch, user, said):
    monkeypatch.setattr(checks.os, "geteuid", lambda: user)
    found = checks.parts_have_users_of_their_own(None)
    assert [each.id for each in found] == said
    assert all("nobody" in each.msg for each in found)
