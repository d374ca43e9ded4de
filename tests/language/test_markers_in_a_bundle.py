"""Reference 2.6: markers are checked before anything is sent, each mistake at its place."""

from deliveries.models import Newsletter
from tests.language.writing import HEADERS, TRANSACTIONAL, html, notes, plain, write


def test_48_an_unknown_field_is_refused_at_its_line_of_the_file(refusal, demo):
    error = refusal(body=html("<p>\n\n  ${nickname}$</p>"))
    written = write(newsletter=demo.offers.pk, body=html("<p>\n\n  ${nickname}$</p>")).decode().splitlines()
    assert "nickname" in error.message
    assert error.element == "embed"
    assert "nickname" in written[error.line - 1]
    assert "line 3 column 3" in error.message


def test_a_mistake_in_a_default_names_the_newsletter(refusal, demo):
    Newsletter.objects.filter(pk=demo.offers.pk).update(text="${nickname}$")
    error = refusal(body="<preferred_content>simple_text</preferred_content><body/>")
    assert f"text of newsletter {demo.offers.pk}" in error.message


def test_markers_are_checked_in_every_place_at_once(refusal):
    headers = HEADERS.replace("Demo Shop", "${a}$").replace("help@", "${b}$@").replace("${nome}$", "${c}$")
    found = refusal(headers=headers, body=plain("<{d}>"))
    assert len(found.problems) == 4
    assert {problem.element for problem in found.problems} == {"name", "reply_to", "subject", "embed"}


def test_49_10000_markers_are_checked_in_bounded_time(planned):
    plan = planned(body=html("<b>${nome}$</b>" * 10_000))
    assert len(plan.source.html) == 150_000


def test_a_tracked_link_is_nothing_to_note(planned):
    tracked = html(
        '<a track="yes" href="https://a.example/">x</a>',
        "<preferences><stats><links>parse</links></stats></preferences>",
    )
    assert not planned(body=tracked).warnings


def test_problems_of_one_bundle_are_gathered(refusal):
    found = refusal(
        delivery=TRANSACTIONAL,
        headers=HEADERS.replace("news@demo.example", "x"),
        notes=notes(("a", "1"), ("a", "2")),
    )
    assert [problem.code for problem in found.problems] == ["NOT_TRANSACTIONAL", "NOTE_TWICE", "FROM_ADDRESS"]
