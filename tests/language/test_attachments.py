"""Reference 2.5: attachments, judged by name and by content."""

import pytest

from tests.language.writing import BODY

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
GOOD = {
    "a.pdf": b"%PDF-1.7", "a.csv": b"a;b\n", "a.txt": "perch\u00e9".encode(), "a.gif": b"GIF89a",
    "a.jpg": b"\xff\xd8\xff\xe0", "a.jpeg": b"\xff\xd8\xff\xe1", "a.png": b"\x89PNG\r\n\x1a\n", "a.doc": OLE,
    "a.docx": ZIP, "a.xls": OLE, "a.xlsx": ZIP, "a.ics": b"\xef\xbb\xbfBEGIN:VCALENDAR", "a.zip": ZIP,
}  # fmt: skip


def attached(*names):
    return (
        BODY
        + "<attachments>"
        + "".join(f"<attachment><file>{n}</file></attachment>" for n in names)
        + "</attachments>"
    )


def test_attachments_are_typed_by_us(planned, tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "b.CSV").write_bytes(b"a,b\n")
    plan = planned(body=attached("a.pdf", "b.CSV"), files={n: tmp_path / n for n in ("a.pdf", "b.CSV")})
    assert [(part.name, part.content_type) for part in plan.source.attachments] == [
        ("a.pdf", "application/pdf"), ("b.CSV", "text/csv"),
    ]  # fmt: skip


@pytest.mark.sentence("2.5-60")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ"),
        ("a.pdf", b"MZ\x90"),
        ("a.txt", b"MZ\x90\x00"),
        ("a.svg", b"<svg/>"),
        ("a.html", b"<p>"),
        ("a", b"x"),
    ],
)
def test_80_att_type_is_judged_by_name_and_by_content(refusal, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    error = refusal(body=attached(name), files={name: tmp_path / name})
    assert (error.code, error.element) == ("ATT_TYPE", "file")


@pytest.mark.sentence("2.5-58", "2.5-59")
def test_too_many_attachments_att_twice_and_att_too_big(refusal, tmp_path):
    (tmp_path / "a.txt").write_bytes(b"x")
    with (tmp_path / "b.txt").open("wb") as file:
        file.truncate(10 * 1024**2)
    files = {name: tmp_path / name for name in ("a.txt", "b.txt")}
    assert refusal(body=attached(*(f"{n}.txt" for n in range(11))), files=files).code == "TOO_MANY_ATTACHMENTS"
    assert refusal(body=attached("a.txt", "a.txt"), files=files).code == "ATT_TWICE"
    assert refusal(body=attached("a.txt", "b.txt"), files=files).code == "ATT_TOO_BIG"


@pytest.mark.sentence("2.5-60")
@pytest.mark.parametrize("name", GOOD)
def test_each_type_of_the_list_is_accepted_in_any_letter_case(planned, tmp_path, name):
    (tmp_path / name).write_bytes(GOOD[name])
    for written in (name, name.upper()):
        plan = planned(body=attached(written), files={written: tmp_path / name})
        assert [part.name for part in plan.source.attachments] == [written]


@pytest.mark.parametrize("name", [name for name in GOOD if name not in {"a.csv", "a.txt"}])
def test_80_a_program_under_the_name_of_any_type_is_refused(refusal, tmp_path, name):
    for content in (b"MZ\x90\0", b"\x7fELF", b"<html>", b""):
        (tmp_path / name).write_bytes(content)
        assert refusal(body=attached(name), files={name: tmp_path / name}).code == "ATT_TYPE"


@pytest.mark.sentence("2.5-58", "2.5-59")
def test_ten_attachments_of_ten_megabytes_together_are_accepted(planned, tmp_path):
    for number in range(10):
        with (tmp_path / f"{number}.txt").open("wb") as file:
            file.write(b"x" * 1024**2)
    files = {f"{n}.txt": tmp_path / f"{n}.txt" for n in range(10)}
    assert len(planned(body=attached(*files), files=files).source.attachments) == 10


@pytest.mark.sentence("2.5-57")
def test_an_attachment_that_is_not_there_is_named_at_its_element(refusal):
    error = refusal(body=attached("gone.pdf"))
    assert (error.code, error.element) == ("REF_MISSING", "file")
    assert error.line > 10
