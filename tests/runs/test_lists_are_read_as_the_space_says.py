"""Reference 3.2: separator, quote, escape, encoding and the limit of bad rows are the space's."""

import pytest
from django.db import connection

from deliveries.models import RowError, SftpSpace
from recipients.models import Database


def people():
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT email, nome, ordine FROM recipients_data.db_{Database.objects.get().pk} ORDER BY id"
        )
        return cursor.fetchall()


@pytest.mark.sentence("3.2-09", "3.2-10", "3.2-11", "3.2-14")
@pytest.mark.parametrize(
    ("says", "name", "csv"),
    [
        ({}, 'a;"b', 'email,nome,ordine\nada@x.example,"a;""b",7\n'),
        ({}, "Però", "email,nome,ordine\nada@x.example,Però,7\n"),
        ({"separator": ";"}, "a,b", "email;nome;ordine\nada@x.example;a,b;7\n"),
        ({"separator": "\t", "quote": "'"}, '"a"\tb', "email\tnome\tordine\nada@x.example\t'\"a\"\tb'\t7\n"),
        ({"escape": "\\"}, 'a \\"b\\"', 'email,nome,ordine\nada@x.example,"a \\"b\\"",7\n'),
        ({"csv_encoding": "iso-8859-15"}, "Però", "email,nome,ordine\nada@x.example,Però,7\n".encode("latin-1")),
    ],
)
def test_a_list_is_read_as_the_space_says(client_system, says, name, csv):
    SftpSpace.objects.update(**says)
    client_system.bundle(csv=csv)
    client_system.poll()
    assert client_system.run().error == ""
    assert people() == [("ada@x.example", name, 7)]


@pytest.mark.sentence("3.2-41")
@pytest.mark.parametrize(("bad", "loaded"), [(10, 90), (11, 0)])
def test_ten_percent_of_bad_rows_are_allowed_where_the_space_says_nothing(client_system, bad, loaded):
    good = "".join(f"p{n}@x.example\n" for n in range(100 - bad))
    client_system.bundle(csv="email\n" + good + "bad\n" * bad)
    client_system.poll()
    assert len(people()) == loaded


@pytest.mark.sentence("3.2-37")
def test_a_bad_row_is_kept_with_line_column_code_and_excerpt(client_system):
    SftpSpace.objects.update(bad_rows_limit=0.5)
    client_system.bundle(csv="email,nome,ordine\n\nada@x.example,Ada,three\nbob@x.example,Bob,2\n")
    client_system.poll()
    assert client_system.run().rows_bad == 1
    kept = RowError.objects.get()
    assert (kept.file, kept.line, kept.column, kept.code, kept.excerpt) == (
        "a.csv",
        3,
        "ordine",
        "CSV_TYPE",
        "three",
    )
