"""A house with a row of every kind and state, and the address of each page that shows them."""

from datetime import timedelta
from urllib.parse import quote

from django.contrib.auth.tokens import default_token_generator
from django.db import connection
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from deliveries import tokens
from deliveries.models import Activity, Content, Delivery, Event, Link, Message
from deliveries.statistics.mend import mend
from deliveries.tokens import Purpose
from recipients import invitations, suppressions, tables
from recipients.models import Reason, User
from tests.pages.conftest import furnish

ADDRESS = "anna@acme.example"
LONG = "l" + "o" * 180 + "ng"
STATES = ("new", "scheduled", "sending", "failed", "sent")
TABS = ("queued", "processing", "failed", "drafts", "recurring", "finished", "all")
BEFORE, AFTER = ("summary", "message", "recipients", "links"), ("recipients", "links", "statistics", "activity")
STEPS = ("newsletter", "recipients", "message", "links", "summary")


def furnish_all():
    """Return a house whose names are as long as they may be; it has deliveries in all their states."""
    made = furnish("Acme")
    made.delivery.title = "A very long title of winter offers " * 10
    made.delivery.save()
    made.filter.name = f"{LONG} 2026-11-25 01:00:30"
    made.filter.save()
    made.run.file, made.run.semaphore = f"{LONG}.xml", f"{LONG}.ok"
    made.run.warning_faults = [f"{LONG}.xml: links are not tracked yet"]
    made.run.save()
    with connection.cursor() as cursor:
        into = tables.identifier(made.database).as_string()
        cursor.execute(f"INSERT INTO {into} (email, nome) VALUES (%s, %s) RETURNING id", [ADDRESS, LONG])
        person = cursor.fetchone()[0]
    suppressions.suppress(made.account, ADDRESS, Reason.BOUNCES, until=timezone.now() + timedelta(days=3), count=4)
    made.states = {status: another(made, status, person) for status in STATES}
    made.person, made.sent = person, made.states["sent"]
    made.letter = made.sent.messages.get()
    made.boss = User.objects.create_superuser("boss", "boss@acme.example", "long-enough-1")
    return made


def another(made, status, person):
    """Return a delivery in a state, with what such a one has behind it."""
    now = timezone.now()
    begun = {"size": 1200, "started_at": now - timedelta(minutes=9)} if status in {"sending", "sent"} else {}
    row = Delivery.objects.create(
        account=made.account, newsletter=made.newsletter, database=made.database, subject="Hello",
        title=f"{status} {LONG}", status=status, source="ui", measured="cw",
        start_at=now + timedelta(days=2) if status == "scheduled" else None,
        ended_at=now if status in {"sent", "failed"} else None, **begun,
    )  # fmt: skip
    Content.objects.create(
        delivery=row,
        from_address="news@acme.example",
        html='<p>Hi ${nome}$ <a track="yes" href="https://a.example">x</a></p>',
    )
    Activity.objects.create(account=made.account, verb="edited", delivery=row)
    if begun:
        reached = {"status": "delivered", "outcome_at": now} if status == "sent" else {}
        message = Message.objects.create(delivery=row, recipient_id=person, address=ADDRESS, **reached)
        Link.objects.create(delivery=row, number=1, url="https://acme.example/" + LONG, name="Winter")
        for action in "vc":
            Event.objects.create(
                account=made.account, delivery=row, message=message, at=now, action=action, origin="person",
                reference="1" if action == "c" else "",
            )  # fmt: skip
        mend(row.pk)
    return row


def pages_of_an_administrator(made):
    """Return the pages of somebody who has all the rights of an account, by the name of their address."""
    ready, draft, sent = made.delivery.pk, made.states["new"].pk, made.sent.pk
    base, run, space = made.database.pk, made.run.pk, made.space.pk
    rows = [
        "",
        *(f"deliveries/delivery/?tab={tab}" for tab in TABS),
        *(f"deliveries/delivery/{ready}/change/?tab={tab}" for tab in BEFORE),
        *(f"deliveries/delivery/{sent}/change/?tab={tab}" for tab in AFTER),
        f"deliveries/delivery/{made.states['sending'].pk}/change/",
        f"deliveries/delivery/{made.states['failed'].pk}/change/",
        f"deliveries/delivery/{sent}/people/unique_clicks/",
        *(f"deliveries/delivery/{ready}/{act}/" for act in ("start", "schedule", "test", "describe", "delete")),
        f"deliveries/delivery/compare/?ids={sent},{made.states['sending'].pk}",
        "deliveries/delivery/create/",
        *(f"deliveries/delivery/{draft}/edit/{step}/" for step in STEPS),
        "deliveries/processingrun/",
        f"deliveries/processingrun/{run}/change/",
        "deliveries/processingrun/check/",
        "deliveries/sftpspace/",
        f"deliveries/sftpspace/{space}/change/",
        f"deliveries/sftpspace/{space}/test/",
        "deliveries/newsletter/",
        "deliveries/newsletter/add/",
        f"deliveries/newsletter/{made.newsletter.pk}/change/",
        "deliveries/activity/",
        "recipients/database/",
        "recipients/database/add/",
        f"recipients/database/{base}/change/",
        f"recipients/database/{base}/people/",
        f"recipients/database/{base}/import/",
        f"recipients/database/{base}/add-field/",
        f"recipients/database/person/?account={made.account.pk}&address={quote(ADDRESS)}",
        f"recipients/database/person/mail/{made.letter.pk}/",
        "recipients/filter/",
        "recipients/filter/add/",
        f"recipients/filter/{made.filter.pk}/change/",
        f"recipients/filter/{made.filter.pk}/people/",
        "recipients/blacklistentry/",
        "recipients/blacklistentry/add/",
        "recipients/blacklistentry/import/",
        f"recipients/blacklistentry/{made.entry.pk}/change/",
        "recipients/membership/",
        f"recipients/membership/{made.membership.pk}/change/",
        "recipients/membership/invite/",
        "recipients/membership/system/",
        f"recipients/membership/{made.membership.pk}/new-key/",
        f"recipients/membership/{made.membership.pk}/new-api-token/",
        "recipients/senderdomain/",
        "recipients/senderdomain/add/",
        f"recipients/senderdomain/{made.account.sender_domains.get().pk}/dns/",
        "recipients/account/choose/",
        "password_change/",
        "second-factor/",
        "nothing-is-here/",
        "recipients/user/",
    ]  # fmt: skip
    return [f"/admin/{row}" for row in rows]


def pages_of_the_platform(made):
    """Return the pages that only who runs the platform sees."""
    rows = [
        "",
        "recipients/account/",
        "recipients/account/add/",
        f"recipients/account/{made.account.pk}/change/",
        "recipients/user/",
        "recipients/user/add/",
        f"recipients/user/{made.membership.user_id}/change/",
        f"recipients/user/{made.membership.user_id}/password/",
        "deliveries/sftpspace/add/",
        "recipients/membership/add/",
        f"deliveries/delivery/{made.delivery.pk}/change/",
    ]
    return [f"/admin/{row}" for row in rows]


def pages_before_the_log_in(made):
    """Return the pages that nobody has to log in for."""
    user = made.membership.user
    invitation = invitations.invite(
        made.account, "nora@acme.example", "Nora", "reviewer", personal_data=False, actor=user
    )
    reset = f"{urlsafe_base64_encode(force_bytes(user.pk))}/{default_token_generator.make_token(user)}"
    return [
        "/admin/login/",
        "/admin/password-reset/",
        "/admin/password-reset/sent/",
        f"/admin/password-reset/{reset}/",
        "/admin/password-reset/x/wrong/",
        f"/admin/invitation/{invitations.token_of(invitation)}/",
        "/admin/invitation/wrong/",
        f"/u/{tokens.make(Purpose.UNSUBSCRIBE, made.message.pk)}",
        "/u/nothing",
    ]
