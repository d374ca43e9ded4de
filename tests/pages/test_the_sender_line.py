import pytest
from django.urls import reverse

from tests.pages.conftest import furnish


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_sender_line_is_shown_while_it_is_written(look):
    house = furnish("Acme")
    for width, scheme, locale in ((1280, "light", "en-GB"), (360, "dark", "it-IT")):
        looker = look(width, scheme, locale)
        looker.sign_in(house.membership.user)
        looker.look(
            reverse("admin:deliveries_newsletter_change", args=[house.newsletter.pk]), f"newsletter-{width}"
        )
    card = looker.page.locator("[data-sender]")
    looker.page.get_by_role("tab", name="Mittente").click()
    looker.page.fill("[name=from_name]", "Anna di Acme")
    looker.page.fill("[name=from_address]", "anna@elsewhere.example")
    assert "Anna di Acme <anna@elsewhere.example>" in card.inner_text()
    assert "elsewhere.example non è tra i domini" in card.inner_text()
    looker.page.fill("[name=from_address]", "anna@acme.example")
    assert "non è tra i domini" not in card.inner_text()
