from django.db import connection

from recipients.models import Database


def rows():
    """How many rows the only database has."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM recipients_data.db_{Database.objects.get().pk}")
        return cursor.fetchone()[0]
