"""What a list of any size or shape may cost: 150 MB of memory, Django and all (reference 3.2)."""

import io
import json
import struct
import subprocess
import sys
import zipfile

import pytest

from recipients import conf

HEAD = b"email,nome,ordine,pagina\n"
MEGA = 1024**2
PAGE = b",<p>" + b"una pagina lunga " * 24 + b"</p>\n"
LONG = pytest.param(1, marks=pytest.mark.long, id="full size")
SHORT = pytest.param(10, id="a tenth")


def checked(path, *more):
    done = subprocess.run(
        [sys.executable, "-m", "tests.loading.measured", str(path), *map(str, more)],
        capture_output=True,
        check=True,
        text=True,
    )
    answer = json.loads(done.stdout)
    assert answer["memory"] <= 150
    return answer


def sparse(path, start, size):
    with path.open("wb") as file:
        file.write(start)
        file.truncate(size)
    return path


@pytest.mark.parametrize("part", [SHORT, LONG])
def test_a_list_of_two_gigabytes_is_read(tmp_path, part):
    path, rows = tmp_path / "list.csv", 4_600_000 // part
    with path.open("wb") as file:
        file.write(HEAD)
        file.writelines(b"anna%07d@mail.example,Anna,%d" % (row, row) + PAGE for row in range(rows))
    assert path.stat().st_size * part > 1.9 * 1024**3
    answer = checked(path)
    assert (answer["good"], answer["bad"]) == (rows, 0)


@pytest.mark.sentence("3.2-43")
def test_a_list_over_two_gigabytes_is_refused_at_once(tmp_path):
    answer = checked(sparse(tmp_path / "list.csv", HEAD, 2 * 1024**3 + 1))
    assert answer["code"] == "CSV_TOO_BIG"
    assert answer["seconds"] < 1


@pytest.mark.parametrize("part", [SHORT, LONG])
@pytest.mark.parametrize("start", [b"email,", HEAD + b"a@mail.example,", HEAD + b'a@mail.example,"'])
def test_one_line_of_two_gigabytes_is_refused(tmp_path, part, start):
    answer = checked(sparse(tmp_path / "list.csv", start, conf.MAX_CSV_BYTES // part))
    assert answer["code"] in {"CSV_ROW_TOO_LONG", "CSV_QUOTE", "CSV_TRUNCATED"}


@pytest.mark.parametrize("row", [b"a," * 40_000, b"a,", b"\xc3\xa8\xf0\x9f\x98\x80,"])
def test_forty_thousand_columns_cost_their_row_only(tmp_path, row):
    path = tmp_path / "list.csv"
    path.write_bytes(HEAD + (row * (80_000 // len(row)) + b"\n") * 200 + b"b@mail.example,B,2,\n" * 100)
    answer = checked(path)
    assert (answer["good"], answer["bad"]) == (100, 200)


@pytest.mark.parametrize("filling", ["B" * 30, "B" * 130, "è😀" * 40])
def test_57_a_quote_that_nobody_closes_before_a_million_lines(tmp_path, filling):
    path = tmp_path / "list.csv"
    line = f"b@mail.example,{filling},2,\n".encode()
    path.write_bytes(HEAD + b'a@mail.example,"A,1,\n' + line * 1_000_000)
    answer = checked(path)
    assert answer["code"] == "CSV_QUOTE"
    assert "line 2 " in answer["message"]
    assert answer["seconds"] < 5  # 0.8 where nothing else runs


def test_a_list_of_bad_rows_only_keeps_the_first_of_them(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(HEAD + b"bad address,x,y,z\n" * 500_000)
    assert checked(path)["code"] == "CSV_TOO_MANY_ERRORS"


def test_more_rows_than_the_limit_are_refused(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(HEAD + b"b@mail.example,B,2,\n" * 100_000)
    assert checked(path, 100_000)["good"] == 100_000
    answer = checked(path, 99_999)
    assert (answer["code"], "99,999" in answer["message"]) == ("CSV_TOO_MANY_ROWS", True)


@pytest.mark.sentence("3.2-45")
@pytest.mark.parametrize("further", [1, pytest.param(0, marks=pytest.mark.long)])
def test_five_million_rows_are_the_most(tmp_path, further):
    path = tmp_path / "list.csv"
    with path.open("wb") as file:
        file.write(b"email\n")
        file.writelines(b"b@m.it\n" * 100_000 for _part in range(50))
        file.write(b"b@m.it\n" * further)
    answer = checked(path)
    assert answer["code"] == "CSV_TOO_MANY_ROWS" if further else answer["good"] == 5_000_000


@pytest.mark.sentence("3.2-44")
@pytest.mark.parametrize("part", [SHORT, LONG])
def test_76_a_bomb_is_stopped_after_two_hundred_times_its_size(tmp_path, part):
    path = tmp_path / "list.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.csv", "w") as entry:
        for _megabyte in range(2_000 // part):
            entry.write(bytes(MEGA))
    answer = checked(path)
    assert answer["code"] == "ZIP_BOMB"
    assert answer["seconds"] < 1 * (11 - part)


def overlapping(count, kernel):
    """Return a zip whose entries all point at one packed file, each quoting those before it (Fifield's)."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", kernel)
    data = whole.getvalue()
    start = data.index(b"PK\x01\x02")
    central = data[start : data.index(b"PK\x05\x06")]
    entries = b"".join(central.replace(b"a.csv", b"%05d" % number) for number in range(count))
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, len(entries), start, 0)
    return data[:start] + entries + end


@pytest.mark.parametrize(("count", "code"), [(900, "ZIP_CORRUPT"), (60_000, "ZIP_TOO_MANY")])
def test_77_entries_that_share_one_packed_file_are_refused_unread(tmp_path, count, code):
    path = tmp_path / "list.zip"
    path.write_bytes(overlapping(count, bytes(50 * MEGA)))
    answer = checked(path)
    assert answer["code"] == code
    assert answer["seconds"] < 2
