"""Reference 2.4: notes become the delivery's labels, in the run, in its mail and in what is exported of it."""

import pytest

from deliveries.composition import source_of
from deliveries.content import compile_source
from deliveries.errors import BundleError
from deliveries.intake.parsing import parse
from deliveries.statistics.report import report
from tests.content.writing import envelope
from tests.language.test_deliveries_of_a_run import QA
from tests.language.writing import HEADERS, NEW, html, notes, write

PAIRS = (("season", "deep winter"), ("Season", "x"), ("wave", "2"))


@pytest.mark.sentence("2.4-01")
@pytest.mark.parametrize("number", [0, 1, 3])
def test_there_may_be_any_number_of_notes(number):
    found = parse(write(notes=notes(*PAIRS[:number])), "x.xml").notes
    assert [(note.label, note.value) for note in found] == list(PAIRS[:number])


@pytest.mark.sentence("2.4-02")
@pytest.mark.parametrize("inside", ["", "<label>a</label>", "<value>b</value>", "<value>b</value><label>a</label>"])
def test_a_note_has_a_label_and_then_a_value(inside):
    with pytest.raises(BundleError) as caught:
        parse(write(notes=f"<notes><note>{inside}</note></notes>"), "x.xml")
    assert caught.value.sub_status == "XML_ERROR"


@pytest.mark.sentence("2.4-04", "2.4-05")
@pytest.mark.parametrize(("label", "value"), [("x" * 100, "y" * 10_000), ("è" * 100, "")])
def test_a_label_of_100_and_a_value_of_10000_characters_are_read(label, value):
    note = parse(write(notes=notes((label, value))), "x.xml").notes[0]
    assert (note.label, note.value) == (label, value)
    for longer in ((f"{label}x", value), (label, f"{value.ljust(10_000, 'y')}y")):
        with pytest.raises(BundleError):
            parse(write(notes=notes(longer)), "x.xml")


@pytest.mark.sentence("2.4-06", "2.4-09")
@pytest.mark.django_db(transaction=True)
def test_notes_become_the_labels_of_both_deliveries_and_are_exported(ran):
    run = ran(recipients=NEW + QA, notes=notes(*PAIRS))
    for delivery in (run.test_delivery, run.delivery):
        assert tuple(delivery.labels.values_list("name", "value")) == PAIRS
        assert report(delivery)["delivery"]["labels"] == dict(PAIRS)


@pytest.mark.sentence("2.4-10", "2.4-11")
@pytest.mark.django_db(transaction=True)
def test_labels_are_put_into_bodies_and_subject_of_what_is_sent(ran):
    both = html("<p>A <{season}> offer</p>").replace("</html></body>", "</html><text><content><embed>"
        "B &lt;{wave}&gt;</embed></content></text></body>")  # fmt: skip
    headers = HEADERS.replace("${nome}$, your order", "&lt;{season}&gt;, &lt;{wave}&gt;")
    delivery = ran(headers=headers, body=both, notes=notes(*PAIRS)).delivery
    mail = compile_source(source_of(delivery)).preview({"nome": "Ida"}, envelope())
    assert mail.subject == "deep winter, 2"
    assert "A deep winter offer" in mail.html
    assert mail.text.startswith("B 2")
