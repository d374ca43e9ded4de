from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from recipients import tables
from recipients.errors import ClientError
from recipients.loading import Dialect, LoadResult, check_csv
from recipients.models import Account, Database, Field
from tests.loading.columns import COLUMNS, FIELDS, ROME


class Checker:
    """Writes a list to disk and has it checked."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "list.csv"

    def __call__(
        self, data: bytes | str, limit: float = 0.9, at_most: int | None = None, **dialect: str
    ) -> LoadResult:
        self.path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return check_csv(COLUMNS, self.path, Dialect(**dialect), limit, at_most=at_most, zone=ROME)

    def refused(self, data: bytes | str, **dialect: str) -> ClientError:
        with pytest.raises(ClientError) as caught:
            self(data, **dialect)
        return caught.value


@pytest.fixture
def checked(tmp_path) -> Checker:
    return Checker(tmp_path)


def make_database(key: str = "", fields: Sequence[tuple[str, str]] = FIELDS) -> Database:
    account, _made = Account.objects.get_or_create(name="Shop")
    number = Database.objects.count()
    database = Database.objects.create(account=account, name=f"People {number}", key=key)
    for position, (name, kind) in enumerate(fields):
        Field.objects.create(database=database, name=name, type=kind, position=position)
    tables.create(database)
    return database


@pytest.fixture
def database(db) -> Database:
    return make_database()


@pytest.fixture
def listed(tmp_path) -> Callable[[str | bytes], Path]:
    def write(data: str | bytes) -> Path:
        path = tmp_path / "list.csv"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write
