"""One step of the classifier: new hits become events and figures, in one transaction, behind a mark.

Killed anywhere it has done nothing; run twice at once the second finds the mark held and leaves
(docs/architecture.md, From hit to figure).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from django.db import transaction

from deliveries.messages import event_log
from deliveries.messages.moves import prove_sent
from deliveries.models import Action, ClassifierMark, Origin
from deliveries.models.functions import DatabaseNow
from deliveries.tokens import HIDDEN_LINK
from deliveries.tracking.classifier import changes, reading, rules, writing
from deliveries.tracking.classifier.changes import Changes, Classified
from deliveries.tracking.classifier.devices import device_of
from deliveries.tracking.classifier.reading import MessageState
from deliveries.tracking.classifier.rules import Hit
from recipients import suppressions

BATCH: Final = 5_000  # hits of one transaction: one that fails costs no more than it
_ONLY: Final = 1  # the mark's one row


def classify(most: int = BATCH) -> int:
    """Classify up to so many new hits; return how many were. Raises django.db.Error."""
    ClassifierMark.objects.get_or_create(pk=_ONLY)
    # Before the mark is held: writers of hits are waited for, and nobody should wait for us meanwhile.
    until = reading.newest_settled(ClassifierMark.objects.values_list("last_hit", flat=True).get(pk=_ONLY))
    with transaction.atomic():
        # Another classifier is at work: its batch is this one.
        mark = ClassifierMark.objects.select_for_update(skip_locked=True).filter(pk=_ONLY).first()
        if mark is None or mark.last_hit >= until:
            return 0
        hits = reading.new_hits(mark.last_hit, until, most)
        if hits:
            _classify_batch(hits, hits[-1].id)
        last = hits[-1].id if len(hits) == most else until  # ids that no row came of are passed over as well
        ClassifierMark.objects.filter(pk=_ONLY).update(last_hit=last, moved_at=DatabaseNow())
    return len(hits)


def _classify_batch(hits: Sequence[Hit], until: int) -> None:
    """Do the steps of one batch.

    1. Who is meant: messages and accounts; a hit of what was deleted is passed over.
    2. Machines by the hit alone, by the hidden link, by a burst; the last two also look back.
    3. Events, earlier verdicts corrected, what each message's person did first, first visits of links.
    4. Counters, by the difference before and after.
    5. What follows for sending and the blacklist: it arrived, and the person is there.
    """
    states = reading.messages_of({hit.message_id for hit in hits if hit.message_id is not None})
    accounts = reading.accounts_of({hit.delivery_id for hit in hits if hit.delivery_id is not None})
    accounts |= {state.delivery_id: state.account_id for state in states.values()}
    # Deleted by retention, or by an erasure between hit and batch.
    known = [hit for hit in hits if _delivery_of(hit, states) in accounts]
    around = reading.clicks_around(known, until)
    burst = rules.bursts(around)
    traps = reading.trapped(states, until)
    classified = verdicts(known, states, burst, traps)

    sprung = {hit.visitor for hit in known if rules.is_hidden(hit) and hit.message_id}
    new = {hit.id for hit in known}
    earlier = {hit.id: hit.message_id or 0 for hit in around if hit.id in burst and hit.id not in new}
    before = {state.id: changes.of_message(state) for state in states.values()}
    old = {state.id: state.firsts for state in states.values()}
    taken_back = writing.correct(sprung, earlier)
    corrected = {one.message_id for one in taken_back if one.message_id is not None}
    writing.events(classified, {hit.id: hit for hit in known}, accounts)
    _first_times(classified, states, corrected)
    changed = [state for state in states.values() if state.firsts != old[state.id]]
    writing.firsts(changed)

    total = _counted(classified, taken_back, corrected)
    for state in changed:
        total.update(changes.of_message(state))
        total.subtract(before[state.id])
    event_log.count(total)
    # A hit of any kind: a machine too has the mail, so it arrived.
    prove_sent([state.id for state in states.values() if state.unsure])
    suppressions.clear_counts(
        (state.account_id, state.address.lower()) for state in changed if _reacted_first(state, old[state.id])
    )


def _delivery_of(hit: Hit, states: Mapping[int, MessageState]) -> int | None:
    """Return the delivery of a hit: the message's where it names one, whatever else the token says."""
    if hit.message_id is None:
        return hit.delivery_id
    state = states.get(hit.message_id)
    return None if state is None else state.delivery_id


def verdicts(
    hits: Sequence[Hit],
    states: Mapping[int, MessageState],
    burst: set[int],
    traps: set[tuple[int | None, str, str]],
) -> list[Classified]:
    """Return each hit's verdict; `burst` are ids of hits, `traps` the visitors who fetched the hidden link."""
    keys = writing.own_targets(
        {
            (_delivery_of(hit, states) or 0, changes.own_link_key(hit.target)): hit.target
            for hit in hits
            if hit.kind == "c" and hit.link == 0
        }
    )
    found = []
    for hit in hits:
        delivery = _delivery_of(hit, states) or 0
        machine = hit.id in burst or hit.visitor in traps or rules.is_machine(hit)
        person = Origin.WEB if hit.kind == "w" else Origin.PERSON
        found.append(
            Classified(
                hit_id=hit.id,
                delivery_id=delivery,
                message_id=hit.message_id,
                at=hit.at,
                action=Action.CLICK if hit.kind == "c" else Action.VIEW,
                origin=Origin.MACHINE if machine else person,
                device=None if hit.kind == "c" else device_of(hit.agent),
                reference=_reference(hit, delivery, keys),
            )
        )
    return found


def _reference(hit: Hit, delivery: int, keys: Mapping[tuple[int, str], str]) -> str:
    if hit.kind != "c" or hit.link == HIDDEN_LINK:
        return ""
    return keys[delivery, changes.own_link_key(hit.target)] if hit.link == 0 else str(hit.link)


def _first_times(classified: Iterable[Classified], states: Mapping[int, MessageState], corrected: set[int]) -> None:
    """Let new events take their place; where a verdict was taken back all of its events are read again."""
    for one in classified:
        if one.message_id is not None and one.message_id not in corrected:
            changes.note_first(states[one.message_id], one)
    if corrected:
        writing.read_firsts(states[message] for message in corrected)


def _counted(classified: Sequence[Classified], taken_back: Iterable[Classified], corrected: set[int]) -> Changes:
    total: Changes = Counter()
    for one in classified:
        total.update(changes.of_event(one))
    for one in taken_back:
        total.subtract(changes.of_event(one))
        total.update(changes.of_event(changes.as_machine(one)))
    clicks = [
        one
        for one in classified
        if one.action == Action.CLICK
        and one.origin == Origin.PERSON
        and one.reference
        and one.message_id is not None
    ]
    total.update(writing.visits(clicks, corrected))
    return total


def _reacted_first(state: MessageState, old: tuple[object, ...]) -> bool:
    """Return whether the first view or click of a person came now."""
    return (state.view_at is not None and old[0] is None) or (state.click_at is not None and old[1] is None)
