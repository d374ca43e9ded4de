"""Reference 10: whatever a message multiplies, it is made or refused in bounded time and memory."""

import re
import subprocess
import sys
import textwrap
import tracemalloc

import pytest

from deliveries.content import ComposeError, ContentError, compile_source
from tests.content.writing import envelope, source

LONG = {"pagina": "<p>è</p>" * 120_000, "nota": "x" * 60_000, "nome": "y" * 60_000}
BOMBS = {
    "a page many times": {"html": "<p>" + "${pagina}$ " * 10_000 + "</p>"},
    "a text many times": {"text": "${nota}$ " * 10_000},
    "many printed values": {"text": "x" + "".join(f'<%= "{n}${{nota}}$" %>' for n in range(10_000))},
    "one long string": {"text": 'x<%= "' + "${nota}$" * 400 + '".upcase %>' + "${nota}$" * 200},
    "many long comparisons": {"text": "x" + ('<% if "' + "${nota}$" * 400 + '" == "a" %>b<% end %>') * 1000},
    "long branches": {"text": "x" + ("<% if nome %>" + "${nota}$ " * 100 + "<% end %>") * 300},
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_49_a_value_that_is_multiplied_out_of_bounds_makes_that_one_message_an_error(bomb):
    compiled = compile_source(source(**BOMBS[bomb]))
    for make in (compiled.compose, compiled.preview):
        with pytest.raises(ComposeError) as caught:
            make(LONG, envelope())
        assert caught.value.code == "MSG_TOO_BIG"
    assert compiled.compose({"nome": "a", "nota": "b", "pagina": "c"}, envelope())


MEASURED = """
    import time
    from pathlib import Path
    from deliveries.content import compile_source
    from tests.content.writing import envelope, source

    began = time.process_time()  # other processes of this machine do not count
    compiled = compile_source(source(html="<p>" + 'x <b title="${nome}$">${nome}$</b>' * 5_000 + "</p>"))
    mail = compiled.compose({"nome": "Ida & figli"}, envelope())
    took = time.process_time() - began
    peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024
    print(took < 2, peak < 150, len(mail) > 250_000)
"""


def test_49_10000_markers_are_prepared_and_composed_in_2_seconds_and_150_mb():
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(MEASURED)], capture_output=True, check=True, text=True
    )
    assert done.stdout.split() == ["True", "True", "True"], done.stderr


UNENDING = [
    "@{a:", "<@a.", "@(x.", "&lt;@a.", "^(a.b", "%{", "%{${", "<{a", "http://x/unsubscribe/wfc/", '<a href="',
    "<!--", "&lt;", "%{a%", "@( ", "<a x=",
]  # fmt: skip


@pytest.mark.parametrize("beginning", UNENDING)
def test_49_markers_that_begin_and_never_end_cost_little(beginning):
    text = beginning * (1_000_000 // len(beginning))
    for part in ("html", "text"):
        try:
            compile_source(source(**{part: text}))
        except ContentError as error:
            assert re.fullmatch(r"TPL_[A-Z_]+", error.code)  # noqa: PT017  both ends are good


LABELS = {
    "quotes": ("'" * 10_000, {"html": "<p>" + "<{a}>" * 10_000 + "</p>"}),
    "letters": ("x" * 10_000, {"text": "<{a}>" * 20_000}),
}


@pytest.mark.parametrize("bomb", LABELS)
def test_49_labels_that_multiply_out_of_bounds_are_refused_before_they_are_written_out(bomb):
    label, parts = LABELS[bomb]
    tracemalloc.start()
    with pytest.raises(ContentError) as caught:
        compile_source(source(labels={"a": label}, **parts))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [problem.code for problem in caught.value.problems] == ["TPL_TOO_BIG"]
    assert peak < 50 * 1024**2


@pytest.mark.parametrize("shape", ["<p><%= nome{} %></p>", "<p><% if nome{} %>x<% end %></p>"])
def test_a_value_has_ten_methods_after_one_another_at_most(shape):
    compiled = compile_source(source(html=shape.format(".strip" * 10)))
    assert compiled.compose({"nome": "Ida"}, envelope())
    with pytest.raises(ContentError, match="more than 10 methods"):
        compile_source(source(html=shape.format(".strip" * 11)))


def test_the_deepest_expression_is_filled_without_reaching_the_stacks_end():
    deepest = "(" * 20 + "nome" + (".strip" * 10 + ")") * 20 + ".strip" * 10
    compiled = compile_source(source(text="<% if nome %>" * 10 + f"<%= {deepest} %>" + "<% end %>" * 10))
    assert b"Ida" in compiled.compose({"nome": "Ida"}, envelope())
