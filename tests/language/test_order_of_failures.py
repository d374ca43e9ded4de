"""Reference 2: the first failure ends the run, in the order of the table below; nothing later is looked at."""

import pytest

from deliveries.intake.rehearsal.rehearse import rehearse
from deliveries.models import RunFile
from tests.language.writing import write

GOOD = b"email,nome\nanna@mail.example,Anna\n"
# Each stage's mistake and what stands there once it is mended; the mistakes of all later stages stay in the file.
STAGES = [
    ("readable and well-formed", "XML_SYNTAX"),
    ("schema", "XML_VALUE"),
    ("keys", "AUTH_FAILED"),
    ("account active", "ACCOUNT_INACTIVE"),
    ("ids and channel", "REF_NEWSLETTER"),
    ("files there", "REF_MISSING"),
    ("meaning", "DATE_INVALID"),
    ("rows", "CSV_TOO_MANY_ERRORS"),
]


def bundle(demo, stage):
    """Return the instructions and the list of a bundle whose first mistake is that of the stage."""
    mended = {each for each, _ in STAGES[:stage]}
    if "account active" not in mended:
        demo.account.xml_delivery = False
        demo.account.save()
    data = write(
        key="demo-key" if "keys" in mended else "wrong",
        newsletter=demo.offers.pk if "ids and channel" in mended else 999_999,
        recipients="<new_recipients><csv_file>list.csv</csv_file></new_recipients>",
        delivery=f'<delivery method="{"auto" if "schema" in mended else "now"}">'
        f"<schedule>{'2036' if 'meaning' in mended else '2020'}-01-01T00:00:00</schedule></delivery>",
    )
    rows = {"list.csv": GOOD.replace(b"anna@mail.example", b"nobody")} if "files there" in mended else {}
    return data if "readable and well-formed" in mended else data[:-5], rows


@pytest.mark.sentence("2-15")
@pytest.mark.parametrize("stage", range(len(STAGES)))
def test_the_mistake_of_the_first_stage_is_the_answer(demo, tmp_path, stage):
    data, rows = bundle(demo, stage)
    for name, content in {"x.xml": data, **rows}.items():
        (tmp_path / name).write_bytes(content)
    answer = rehearse(tmp_path / "x.xml", demo.account)
    name, code = STAGES[stage]
    assert answer.errors[0].code == code, name


@pytest.mark.sentence("2-15")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("stage", range(len(STAGES)))
def test_the_mistake_of_the_first_stage_ends_the_run(demo, ran, stage):
    data, rows = bundle(demo, stage)
    run = ran(rows, data)
    assert (run.status, run.code) == ("ERROR", STAGES[stage][1])
    assert run.sub_status == ("XML_ERROR" if stage < 2 else "XMLD_CONFIGURATION_ERROR")


@pytest.mark.sentence("2-16")
@pytest.mark.django_db(transaction=True)
def test_no_file_of_recipients_is_fetched_before_the_keys_are_good(ran):
    recipients = "<new_recipients><csv_file>list.csv</csv_file></new_recipients>"
    run = ran({"list.csv": GOOD}, key="wrong", recipients=recipients)
    assert run.code == "AUTH_FAILED"
    assert not RunFile.objects.filter(run=run, role="file").exists()
    assert RunFile.objects.filter(run=ran({"list.csv": GOOD}, recipients=recipients), role="file").exists()


def test_the_channel_is_judged_before_the_newsletter_and_after_the_keys(demo, tmp_path):
    sms = {"channel": "sms", "message": "<subject>x</subject>", "newsletter": 999_999}
    (tmp_path / "x.xml").write_bytes(write(**sms))
    assert rehearse(tmp_path / "x.xml").errors[0].message.endswith("channel sms is not enabled: write an <email>")
    (tmp_path / "x.xml").write_bytes(write(**sms, key="wrong"))
    assert rehearse(tmp_path / "x.xml").errors[0].code == "AUTH_FAILED"


def test_all_mistakes_of_the_stage_are_named_and_none_of_a_later_one(demo, tmp_path):
    source = "<new_recipients><csv_file>a.csv</csv_file></new_recipients>"
    tested = "<test_recipients><csv_file>b.csv</csv_file></test_recipients>"
    past = '<delivery method="auto"><schedule>2020-01-01T00:00:00</schedule></delivery>'
    (tmp_path / "x.xml").write_bytes(write(newsletter=demo.offers.pk, recipients=source + tested, delivery=past))
    assert [error.code for error in rehearse(tmp_path / "x.xml").errors] == ["REF_MISSING", "REF_MISSING"]


def test_the_csv_of_another_name_form_is_found_as_a_run_finds_it(demo, tmp_path):
    (tmp_path / "perche\u0301.CSV").write_bytes(GOOD)
    source = "<new_recipients><csv_file>perch\u00e9.csv</csv_file></new_recipients>"
    (tmp_path / "x.xml").write_bytes(write(newsletter=demo.offers.pk, recipients=source))
    assert rehearse(tmp_path / "x.xml").normal == 1
    (tmp_path / "PERCH\u00c9.csv").write_bytes(GOOD)
    assert rehearse(tmp_path / "x.xml").errors[0].code == "AMBIGUOUS_NAMES"
