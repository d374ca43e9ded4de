"""Reference 2.6: a mistake in a message says what to write in its place, in the language of who reads it."""

import pytest
from django.utils import translation

from deliveries.content import compile_source
from tests.content.writing import envelope, mistake, source


@pytest.mark.parametrize("written", ["<%name%>", "<% name %>", "&lt;%name%&gt;"])
def test_a_name_alone_is_said_with_what_to_write(written):
    (problem,) = mistake(html=f"<p>{written}</p>")
    assert (problem.code, problem.line, problem.column) == ("TPL_SYNTAX", 1, 4)
    assert "for a value write ${name}$ or <%= name %>" in problem.message
    assert "for the characters themselves <%= '<%' %>name%>" in problem.message


@pytest.mark.sentence("2.6-41")
def test_a_marker_is_written_as_text_as_the_sentence_says():
    written = "<%= '<%' %>name%> <%= '$' %>{nome}$"
    compiled = compile_source(source(subject=written, html=f"<p>{written}</p>", text=written))
    shown = compiled.preview({"nome": "Ada"}, envelope())
    assert (shown.subject, shown.text.split("\n")[0]) == ("<%name%> ${nome}$",) * 2
    assert "<p>&lt;%name%> ${nome}$</p>" in shown.html


@pytest.mark.parametrize(
    ("address", "advice"),
    [
        ("javascript:void(0)", "take the href out"),
        ("VBScript:x", "take the href out"),
        ("data:text/html,x", "write http, https, mailto or tel"),
    ],
)
def test_an_address_that_runs_a_script_is_to_be_taken_out(address, advice):
    (problem,) = mistake(html=f'<a href="{address}">x</a>')
    assert problem.code == "LINK_SCHEME"
    assert problem.message.endswith(advice)


def test_the_same_mistake_and_the_same_note_are_read_in_italian():
    (problem, *_) = mistake(html="<% if nome == %>x<% end %>")
    (note,) = compile_source(source(html="{{nome}}")).warnings
    with translation.override("it"):
        assert "manca di un valore; si veda il punto 2.6" in problem.message
        assert "sembra un marcatore di un altro sistema" in str(note)
