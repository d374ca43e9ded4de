"""Forgotten and foreign markers go out as they are and are noted (reference 2.6)."""

import pytest

from deliveries.content import compile_source
from tests.content.writing import envelope, source

FOREIGN = ["{{name}}", "{{{ name }}}", "*|FNAME|*", "%%FirstName%%", "{% if x %}", "[[name]]", "${nome}"]


@pytest.mark.sentence("2.6-40")
@pytest.mark.parametrize("marker", FOREIGN)
@pytest.mark.parametrize("part", ["subject", "html", "text"])
def test_what_looks_like_a_marker_is_noted_with_its_first_place(part, marker):
    written = f"Ciao\n {marker} and {marker}" if part != "subject" else f"Ciao {marker} and {marker}"
    compiled = compile_source(source(**{part: written, **({} if part != "subject" else {"text": "x"})}))
    (note,) = compiled.warnings
    place = "line 1, column 6" if part == "subject" else "line 2, column 2"
    assert str(note).startswith(f"{part}, {place}: “")
    shown = compiled.preview({}, envelope())
    assert marker in (shown.subject if part == "subject" else shown.html + shown.text)


def test_each_kind_is_noted_once_over_all_parts():
    everywhere = " ".join(FOREIGN)
    assert len(compile_source(source(subject="{{a}}", html=everywhere, text=everywhere)).warnings) == 6


@pytest.mark.parametrize(
    "fine",
    [
        "<style>a{b:url({{x}})}</style><script>var a = [[1]], b = `${x}`</script>",
        "<STYLE type='text/css'>{{x}}",
        "100%% of 20%% and a[[ b ]",
        "{ {x} } {%22q%22:1}",
        "<p>${nome}$ <{place}> %{Shop[1]%%https://a.example/}% <% if ordine %>x<% end %></p>",
    ],
)
def test_what_is_no_marker_or_stands_in_a_sheet_or_script_is_not_noted(fine):
    assert compile_source(source(html=fine)).warnings == ()


def test_a_condition_is_looked_into():
    assert len(compile_source(source(text="<% if ordine %>{{x}}<% end %>")).warnings) == 1
