import pytest
from django.db import connection

from recipients import tables
from recipients.models import Membership, User
from tests.pages.conftest import furnish


@pytest.fixture
def house(db):
    """One account with three people, of whom two are of its filter, and an operator."""
    made = furnish("Acme")
    made.message.delete()
    people = (("Acme", "anna@x.example"), ("Acme", "bruno@x.example"), ("Carla", "carla@x.example"))
    with connection.cursor() as cursor:
        for name, address in people:
            into = tables.identifier(made.database).as_string()
            cursor.execute(f"INSERT INTO {into} (email, nome) VALUES (%s, %s)", [address, name])
    made.newsletter.subject = "Hello ${nome}$"
    made.newsletter.html = '<p>Hi ${nome}$ <a href="${unsubscribe_url}$">out</a></p>'
    made.newsletter.text = "Hi ${nome}$"
    made.newsletter.save()
    return made


@pytest.fixture
def operator(house):
    user = User.objects.create_user("olga", password="long-enough-1", is_staff=True)
    Membership.objects.create(account=house.account, user=user, name="olga", role="operator")
    return user
