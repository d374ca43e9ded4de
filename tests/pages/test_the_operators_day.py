"""The operator's day in a browser: find what waits, test, send, take back, send, watch; make one by hand."""

import pytest
from django.db import connection

from deliveries.models import Content, Delivery, Message
from deliveries.sending.lifecycle import start
from recipients import tables
from recipients.models import Membership, User
from tests.pages.conftest import furnish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


PRESS_WHILE_IT_SAVES = """() => {
    const real = window.fetch;
    window.fetch = (...given) => {
        window.fetch = real;
        const answer = real(...given);
        document.querySelector("[name=do][value=text]").click();
        return answer;
    };
}"""


@pytest.fixture
def house():
    made = furnish("Acme")
    made.message.delete()
    with connection.cursor() as cursor:
        into = tables.identifier(made.database).as_string()
        for number in range(12):
            cursor.execute(f"INSERT INTO {into} (email, nome) VALUES (%s, 'Acme')", [f"p{number}@x.example"])
    Content.objects.filter(delivery=made.delivery).update(html="<p>Hi ${nome}$</p>", text="Hi", footer=True)
    return made


@pytest.fixture
def operator(house):
    user = User.objects.create_user("olga", password="long-enough-1", is_staff=True, email="olga@x.example")
    Membership.objects.create(account=house.account, user=user, name="olga", role="operator")
    return user


def press(page, name):
    """Press a button of the page's head, then the one of its dialog."""
    page.locator("#delivery-live").get_by_role("link", name=name, exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    return dialog


def press_while_it_moves(page, name, move):
    """Press a button whose question is long in coming, while the head it stands in has changed."""
    held = []
    page.route("**/stop/", lambda route: held.append(route))  # noqa: PLW0108  the library marks the function
    page.locator("#delivery-live").get_by_role("link", name=name, exact=True).click()
    move()
    for _look in range(2):
        with page.expect_response("**/live/"):
            pass
    held.pop().continue_()
    page.get_by_role("dialog").wait_for()
    page.unroute("**/stop/")


def test_from_log_in_to_watching(look, house, operator):
    looker = look()
    page = looker.page
    looker.log_in(operator)
    looker.check("day-home")
    page.get_by_role("link", name="Waiting for an operator").click()
    looker.check("day-ready")
    page.get_by_role("button", name="Summary of «Acme offers»").click()
    page.get_by_text("Acme people").first.wait_for()
    page.get_by_role("link", name="Acme offers").first.click()
    page.get_by_text("Before it goes out").wait_for()
    looker.check("day-delivery")

    dialog = press(page, "Send a test")
    dialog.get_by_label("Addresses").wait_for()
    assert dialog.get_by_label("Addresses").input_value() == "olga@x.example"
    dialog.get_by_role("button", name="Send a test").click()
    page.get_by_text("A test goes to 1 person.").wait_for()
    assert Message.objects.get(delivery__test_of=house.delivery).address == "olga@x.example"

    dialog = press(page, "Send now")
    dialog.get_by_role("button", name="Send now").click()
    page.get_by_text("goes out in").first.wait_for()
    dialog = press(page, "Back to ready")
    dialog.get_by_role("button", name="Back to ready").click()
    page.locator("#delivery-live").get_by_role("link", name="Send now", exact=True).wait_for()
    press(page, "Send now").get_by_role("button", name="Send now").click()
    page.locator("#delivery-live").get_by_role("link", name="Send without waiting").wait_for()
    press(page, "Send without waiting").get_by_role("button", name="Send now").click()
    page.locator("#delivery-live").get_by_text("starting").wait_for()

    start.begin(house.delivery.pk)  # what a worker does; the page, left alone, shows it
    page.locator("#delivery-live").get_by_text("0 of 12 written to").wait_for()
    page.wait_for_function("!document.querySelector('[data-said]').innerText.trim()")  # that it will go out
    assert not page.get_by_text("Before it goes out").count()
    ids = list(Message.objects.filter(delivery=house.delivery).order_by("pk").values_list("pk", flat=True))
    sent = Message.objects.filter(pk__in=ids[:5])
    press_while_it_moves(page, "Stop", lambda: sent.update(status="delivered", attempt=1))
    page.keyboard.press("Escape")
    page.locator("#delivery-live").get_by_text("5 of 12 written to").wait_for()
    dialog = press(page, "Stop")
    dialog.get_by_text("5 of 12 are written to. The other 7 will not be.").wait_for()
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    page.wait_for_function("document.activeElement.textContent.includes('Stop')")
    press(page, "Stop").get_by_role("button", name="Stop").click()
    page.locator("#delivery-live").get_by_text("stopped").wait_for()
    page.get_by_text("5 of 12 written to").wait_for()
    page.locator("#delivery-tab").get_by_role("heading", name="Figures").wait_for()
    looker.check("day-stopped")


def test_a_list_that_was_empty_shows_what_has_come(look, house, operator):
    looker = look()
    page = looker.page
    page.clock.install()
    looker.sign_in(operator)
    Delivery.objects.filter(pk=house.delivery.pk).update(status="new")
    looker.open("/admin/deliveries/delivery/?tab=ready")
    page.get_by_text("Nothing is ready.").wait_for()
    Delivery.objects.filter(pk=house.delivery.pk).update(status="ready")
    page.clock.fast_forward(11_000)  # to the next look
    page.locator("#result_list").get_by_role("link", name="Acme offers").wait_for()
    page.get_by_text("1 delivery").wait_for()
    looker.check("day-came")


def test_a_delivery_is_made_by_keyboard_and_mouse_and_nothing_typed_is_lost(look, house, operator):
    looker = look(1280, locale="it-IT")
    page = looker.page
    looker.sign_in(operator)
    looker.look("/admin/deliveries/delivery/create/")
    page.get_by_role("button", name="Continua").click()
    page.get_by_label("Un filtro", exact=True).check()
    page.locator("[name=filter]").select_option(label="Acme filter")
    looker.check("make-recipients")
    page.get_by_role("button", name="Salva e prosegui").click()
    editor = page.locator(".cm-content")
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("<p>Ciao ${nome}$</p>")
    page.get_by_label("Titolo").fill("Fatta a mano")
    page.get_by_label("Oggetto").fill("Ciao")
    page.locator(".xd-saved").get_by_text("salvata alle").wait_for()
    draft = Delivery.objects.get(status="new")
    assert (draft.title, draft.content.html) == ("Fatta a mano", "<p>Ciao ${nome}$</p>")
    looker.check("make-message")
    page.reload()
    assert page.get_by_label("Titolo").input_value() == "Fatta a mano"
    page.evaluate(PRESS_WHILE_IT_SAVES)
    page.get_by_label("Oggetto").fill("Ciao a tutti")
    page.wait_for_function("document.querySelector('[name=text]').value.includes('Ciao')")
    page.get_by_role("button", name="Salva e prosegui").click()
    page.get_by_role("button", name="Salva e prosegui").click()
    page.get_by_text("Va a 12 persone.").wait_for()
    looker.check("make-summary")
    page.get_by_role("button", name="Lascia pronta").click()
    page.wait_for_url("**/change/")
    draft.refresh_from_db()
    assert draft.status == "ready"


def step_of_a_draft(look, house, operator, step, locale="en-GB"):
    """Make the delivery a draft and open one step of it."""
    Delivery.objects.filter(pk=house.delivery.pk).update(status="new")
    looker = look(locale=locale)
    looker.sign_in(operator)
    looker.open(f"/admin/deliveries/delivery/{house.delivery.pk}/edit/{step}/")
    return looker


def test_html_stands_as_it_was_typed(look, house, operator):
    page = step_of_a_draft(look, house, operator, "message").page
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    line = '<p>Hi ${nome}$: <a href="https://x.example/?a=1">See more</a><br></p><div><b>Bye</b></div>'
    page.keyboard.type(line)
    assert page.locator("textarea[data-editor]").input_value() == line


def test_the_editor_speaks_the_operators_language(look, house, operator):
    Content.objects.filter(delivery=house.delivery).update(html="<div>\n<p>Ciao</p>\n</div>")
    page = step_of_a_draft(look, house, operator, "message", "it-IT").page
    for words in ("Comprimi la riga", "Espandi la riga"):  # the gutter has a hidden mark too
        page.locator(f".cm-foldGutter [title='{words}']:visible").first.click()
    page.locator(".cm-content").click()
    page.keyboard.press("Control+f")
    page.locator(".cm-search").get_by_placeholder("Cerca").fill("Ciao")
    said = page.locator(".cm-search").inner_text()
    assert "maiuscole e minuscole" in said
    assert "match case" not in said


def test_a_link_that_is_marked_is_counted(look, house, operator):
    html = '<a href="https://x.example/a">A</a> <a href="https://x.example/b">B</a>'
    Content.objects.filter(delivery=house.delivery).update(html=html, html_links="off")
    page = step_of_a_draft(look, house, operator, "links").page
    counts = page.get_by_label("Count clicks on the marked links of the HTML")
    assert not counts.is_checked()
    page.get_by_role("button", name="Mark all").click()
    assert counts.is_checked()
    counts.uncheck()
    page.get_by_role("button", name="Mark none").click()
    assert not counts.is_checked()
    page.get_by_label("Track https://x.example/b").check()
    assert counts.is_checked()
    page.get_by_role("button", name="Save and go on").click()
    page.wait_for_url("**/edit/summary/")
    kept = Content.objects.get(delivery=house.delivery)
    assert (kept.html_links, kept.html) == (
        "parse",
        html.replace(' href="https://x.example/b"', ' track="yes" href="https://x.example/b"'),
    )


def test_who_gets_it_now_does_not_pass_for_what_is_being_written(look, house, operator):
    looker = step_of_a_draft(look, house, operator, "recipients")
    page = looker.page
    remark = page.get_by_text("As last saved: save to count what you write or load here.")
    assert not remark.is_visible()
    page.get_by_label("A filter that I write now").check()
    remark.wait_for()
    looker.check("filter-begun")
    page.get_by_label("A filter", exact=True).check()
    remark.wait_for(state="hidden")


@pytest.mark.parametrize(("width", "scheme", "locale"), [(360, "dark", "it-IT"), (360, "light", "en-GB")])
def test_the_steps_fit_a_narrow_window(look, house, operator, width, scheme, locale):
    looker = look(width, scheme, locale)
    looker.sign_in(operator)
    pages = ["/admin/", "/admin/deliveries/delivery/?tab=failed"]
    pages += [
        f"/admin/deliveries/delivery/{house.delivery.pk}/edit/{step}/"
        for step in ("recipients", "message", "links", "summary")
    ]
    for url in pages:
        looker.look(url, f"narrow-{scheme}-{url.rstrip('/').rpartition('/')[2]}")


def test_the_palette_finds_a_delivery(look, house, operator):
    looker = look()
    looker.sign_in(operator)
    looker.open("/admin/")
    looker.page.keyboard.press("Control+k")
    looker.page.locator("#search-input-command:focus").press_sequentially("Acme offers")
    looker.page.locator("#command-results-list").get_by_text("Acme offers").wait_for()
