"""Every word of the pages is there in Italian, and the compiled catalogue is what the readable one says."""

import ast
import gettext
import importlib.util
import json
import re
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.utils import timezone, translation
from django.utils.translation import trans_real
from django.utils.translation.template import templatize

from deliveries.models import Delivery, Message

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "deliveries" / "locale" / "it" / "LC_MESSAGES" / "django"
MARKS = {"_", "lazy", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "plural"}
# One form of address: sentences say what to do in the infinitive, only buttons are short orders.
TU = re.compile(
    r"\b(?:tuo|tua|tuoi|tue|puoi|potrai|hai|devi|dovresti|vuoi|scrivi|scegli|chiedi|aggiungi|togli|correggi|inserisci"
    r"|fai|fanne|riattivi|(?:scriv|scegl|togl|divid|riduc)i(?:lo|la|li|le|ne)"
    r"|(?:us|accorc|tralasci|pubblic)a(?:lo|la|li|le|ne))\b",
    re.IGNORECASE,
)
SAME_IN_BOTH = re.compile(r"(%\(\w+\)[sd]|[\W\d_])*")


def of_python(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    marks = MARKS | aliases(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in marks:
            words = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            context = node.func.id.startswith("pgettext")
            yield from ["\x04".join(words[:2])] if context else words[:1]  # plurals go by the first


def aliases(tree):
    """The names that a module gives to Django's functions of translation."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = [name for node in found if node.module == "django.utils.translation" for name in node.names]
    return {name.asname for name in names if name.asname and "gettext" in name.name}


def made_at_the_import(tree):
    """Sentences that are put together when a module is loaded, and so before anybody's language is known."""
    names, inside = MARKS | aliases(tree), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            inside |= {id(each) for each in ast.walk(node)}
    for node in ast.walk(tree):
        filled = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Call)
        if filled and id(node) not in inside and getattr(node.left.func, "id", "") in names:
            yield ast.unparse(node)


def test_no_sentence_is_filled_in_before_its_reader_is_known():
    python = [path for path, words_of in sources() if words_of is of_python]
    assert [f"{p.name}: {w}" for p in python for w in made_at_the_import(ast.parse(p.read_text("utf-8")))] == []


def of_template(path):
    text = templatize(path.read_text(encoding="utf-8"))
    for word in re.findall(r"""(?:\b_|gettext)\(\s*u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", text):
        yield ast.literal_eval(word)


def sources():
    for folder in ("deliveries", "recipients", "xmld_project"):
        yield from ((path, of_python) for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts)
    yield from ((path, of_template) for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt"})


def sources_of_libraries():
    """What the installed parts of the theme and of the second factor show."""
    for name in ("unfold", "django_otp"):
        folder = Path(importlib.util.find_spec(name).origin).parent
        foreign = {"contrib", "plugins", "migrations"} - set(folder.parts)
        for path in folder.rglob("*"):
            if not foreign & set(path.relative_to(folder).parts) and path.suffix in {".py", ".html", ".txt"}:
                yield path, of_python if path.suffix == ".py" else of_template


def left_in_english(found):
    known = trans_real.translation("it")
    return sorted(
        {
            f"{path.name}: {word}"
            for path, words_of in found
            for word in words_of(path)
            if not SAME_IN_BOTH.fullmatch(word) and not is_known(known, word)
        }
    )


def test_no_word_is_left_in_english():
    assert left_in_english(sources()) == []


def test_no_word_of_the_libraries_that_show_pages_is_left_in_english():
    assert left_in_english(sources_of_libraries()) == []


def is_known(catalogue, word):
    plain = (word, (word, 1), (word, catalogue.plural(2)))
    return any(catalogue._catalog.get(key) is not None for key in plain)


def test_the_compiled_catalogue_is_the_readable_one():
    text = CATALOGUE.with_suffix(".po").read_text(encoding="utf-8")
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog
    for block in re.split(r"\n\s*\n", text)[1:]:
        pair = re.search(r'^msgid ((?:".*"\n?)+)msgstr ((?:".*"\n?)+)', block, re.MULTILINE)
        if pair is None or "msgctxt" in block:
            continue
        word, said = ("".join(ast.literal_eval(line) for line in part.splitlines()) for part in pair.groups())
        assert compiled.get(word) == said, word


def test_sentences_address_nobody_as_tu():
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog
    told = {said for said in compiled.values() if TU.search(said) and (said.endswith(".") or len(said) > 40)}
    pages = [path for path in (ROOT / "templates").rglob("*.html") if TU.search(path.read_text(encoding="utf-8"))]
    assert (told, pages) == (set(), [])


def test_each_column_and_each_fact_of_a_page_is_named_in_italian():
    same_in_both = {"+", "id", "file", "host", "server"}
    left = []
    for model, page in admin.site._registry.items():
        for name in [*page.list_display, *page.readonly_fields]:
            with translation.override("en"):
                english = str(label_for_field(name, model, page))
            with translation.override("it"):
                if str(label_for_field(name, model, page)) == english and english not in same_in_both:
                    left.append(f"{model.__name__}: {english}")
    assert left == []


@pytest.mark.parametrize("mark", ["%(", "{"])
def test_every_value_has_its_place_in_italian(mark):
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog
    pattern = r"%\(\w+\)" if mark == "%(" else r"(?<!%)\{\w*\}"
    for word, said in compiled.items():
        if isinstance(word, str) and word:
            assert sorted(set(re.findall(pattern, word))) == sorted(set(re.findall(pattern, said))), word


@pytest.mark.django_db
def test_what_is_counted_is_said_of_many_and_a_run_is_no_command(mine, signed_in):
    client = signed_in(mine.account)
    Delivery.objects.filter(pk=mine.delivery.pk).update(status="sent", size=1, ended_at=timezone.now())
    Message.objects.filter(pk=mine.message.pk).update(status="bounced")

    def look(page):
        with translation.override("en"):
            return client.get(
                f"/admin/deliveries/delivery/{page}", headers={"Accept-Language": "it"}
            ).content.decode()

    assert "1 respinto" in look("?tab=finished")
    assert "<dt>consegnati</dt>" in look(f"{mine.delivery.pk}/change/?tab=statistics")
    assert "</span>Elaborazione</span>" in look("?tab=failed")


@pytest.mark.django_db
def test_a_mistake_of_an_operator_is_answered_in_the_language_of_the_page(mine, signed_in):
    client = signed_in(mine.account)
    conditions = [{"field": "email", "op": "greater", "value": "x"}]
    form = {"database": mine.database.pk, "name": "Bad", "use": "both", "match": "all"}
    with translation.override("en"):  # a request leaves its language to whoever comes next in the thread
        answer = client.post(
            "/admin/recipients/filter/add/",
            form | {"conditions": json.dumps(conditions)},
            headers={"Accept-Language": "it"},
        )
    errors = answer.context["adminform"].form.errors["conditions"]
    [said] = errors
    assert said == (
        "condizione 1: email è maggiore di 'x': un campo email non ha un ordine;"
        " scegliere «è», «non è», «è uno tra» o «non è nessuno tra»"
    )
