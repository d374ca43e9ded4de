"""Functions of PostgreSQL that queries are written with."""

from django.db.models import DateTimeField, Func


class DatabaseNow(Func):
    """The database's clock at this moment, not at the transaction's start."""

    function = "clock_timestamp"
    output_field = DateTimeField()
