"""Who did what: kept as a verb and its values, read in the reader's language (reference 9)."""

from django.utils import translation

from deliveries import audit
from deliveries.admin.shell.activity import details_of, thing_of
from deliveries.models import Activity
from recipients.audit import Verb as ListVerb
from recipients.models import User


def test_a_line_is_read_in_the_language_of_its_reader(mine):
    anna = User.objects.create_user("anna", first_name="Anna")
    audit.record(mine.account.pk, anna, audit.Verb.STARTED, mine.delivery, {"size": 3})
    line = Activity.objects.filter(verb="started").get()
    assert (line.delivery, line.target, line.target_id) == (mine.delivery, mine.delivery.title, mine.delivery.pk)
    assert (audit.label_of(line.verb), details_of(line, people=True)) == ("started", "Recipients: 3.")
    with translation.override("it"):
        assert (audit.label_of(line.verb), details_of(line, people=True)) == ("avviato", "Destinatari: 3.")


def test_a_late_start_says_when_it_was_due(mine):
    params = {"size": 3, "due": "2026-11-30T08:00:00+00:00"}
    audit.record(mine.account.pk, None, audit.Verb.STARTED, mine.delivery, params)
    assert "It was due at 30 Nov 2026, 08:00 and started late" in details_of(Activity.objects.first(), people=True)


def test_a_copy_names_what_it_was_made_of_and_a_role_is_a_word(mine):
    audit.record(mine.account.pk, None, audit.Verb.CREATED, mine.delivery, {"from": 1234})
    assert details_of(Activity.objects.first(), people=True) == "copy of 1234"
    audit.record(mine.account.pk, None, ListVerb.JOINED, mine.delivery, {"role": "reviewer"})
    with translation.override("it"):
        assert details_of(Activity.objects.first(), people=True) == "revisore"


def test_every_verb_has_an_italian_word():
    verbs = [*audit.Verb, *ListVerb]
    assert len({verb.value for verb in verbs}) == len(verbs)
    with translation.override("en"):
        english = {verb: str(verb.label) for verb in verbs}
    with translation.override("it"):
        assert not [verb for verb in verbs if audit.label_of(verb) == english[verb]]


def test_an_address_is_hidden_from_who_may_not_see_people(mine):
    audit.record(mine.account.pk, None, ListVerb.BLACKLIST_ADDED, mine.entry, {"why": "asked by bad@north.example"})
    line = Activity.objects.first()
    assert mine.entry.address in thing_of(line, people=True)
    assert "@" not in thing_of(line, people=False) + details_of(line, people=False)


def test_a_verb_of_an_older_release_is_shown_as_it_was_written():
    assert audit.label_of("washed") == "washed"


def test_what_was_kept_as_words_stays_readable(mine):
    line = Activity(
        account=mine.account, verb="people imported", params={"detail": "Customers: a.csv, update, +1 ~2 -3"}
    )
    assert details_of(line, people=True) == "Customers: a.csv, update, +1 ~2 -3"
