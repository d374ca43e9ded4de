"""Every rule of reference 6 by which a hit is a machine's, and what none of them catches."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deliveries.tokens import HIDDEN_LINK
from deliveries.tracking.classifier import rules
from deliveries.tracking.classifier.devices import DESKTOP, MOBILE, device_of
from deliveries.tracking.classifier.rules import Hit
from tests.tracking.conftest import BROWSER, NOON, PHONE

ONE = Hit(1, NOON, "c", 1, 1, 1, "", "192.0.2.7", BROWSER, "GET", "")
PEOPLE = [
    BROWSER,
    PHONE,
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
    "Mozilla/5.0 (Linux; Android 13; CUBOT X18) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36",
    "Microsoft Office/16.0 (Microsoft Outlook 16.0.17126; Pro)",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.4.0",
    "",
    "curl/8.5.0",  # a program's agent alone decides nothing
    "python-requests/2.32.3",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0 Safari/537.36",
]
MACHINES = [
    "BarracudaCentral Link Protect",
    "Mimecast URL Protect",
    "Mozilla/5.0 Proofpoint URL Defense",
    "Microsoft Office Existence Discovery",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "Mozilla/5.0 (compatible; bingbot/2.0) BingPreview/1.0b",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "facebookexternalhit/1.1",
    "WhatsApp/2.23.20.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0",
]


@pytest.mark.parametrize("agent", PEOPLE)
@pytest.mark.sentence("6-13", "6-14")
def test_132_people_are_people(agent):
    assert not rules.is_machine(replace(ONE, agent=agent))


@pytest.mark.parametrize("agent", MACHINES)
@pytest.mark.sentence("6-10")
def test_scanners_and_previews_are_known_by_their_agent(agent):
    assert rules.is_machine(replace(ONE, agent=agent))


@pytest.mark.parametrize(
    "sign",
    [
        {"method": "HEAD"},
        {"purpose": "prefetch"},
        {"purpose": "prefetch;prerender"},
        {"link": HIDDEN_LINK},
        {"ip": "17.58.1.2"},
        {"ip": "2620:149:af0::10"},
    ],
)
@pytest.mark.sentence("6-09")
def test_other_signs_of_a_machine(sign):
    assert rules.is_machine(replace(ONE, **sign))


def clicks(*moments, links=None):
    links = links or range(1, len(moments) + 1)
    return [
        replace(ONE, id=number, at=NOON + timedelta(seconds=at), link=link)
        for number, (at, link) in enumerate(zip(moments, links, strict=True), start=1)
    ]


@pytest.mark.sentence("6-12")
def test_three_links_within_two_seconds_are_a_burst_with_the_earlier_ones():
    assert rules.bursts(clicks(0, 1, 2)) == {1, 2, 3}
    assert rules.bursts(clicks(0, 1, 2.001)) == set()
    assert rules.bursts(clicks(0, 1.9, 2.5, 3.5, 30)) == {2, 3, 4}
    assert rules.bursts(clicks(0, 1, 1.5, 2, 2.5, 3, 9)) == {1, 2, 3, 4, 5, 6}


def test_the_same_link_again_or_another_message_makes_no_burst():
    assert rules.bursts(clicks(0, 0.1, 0.2, links=[1, 1, 2])) == set()
    assert rules.bursts([replace(one, message_id=one.id) for one in clicks(0, 0.1, 0.2)]) == set()
    assert rules.bursts([replace(one, message_id=None) for one in clicks(0, 0.1, 0.2)]) == set()


def test_addresses_in_a_persons_own_page_are_different_links():
    own = [replace(one, link=0, target=f"https://shop.example/{one.id}") for one in clicks(0, 0.1, 0.2)]
    assert rules.bursts(own) == {1, 2, 3}


@pytest.mark.parametrize(
    ("agent", "device"),
    [(PHONE, MOBILE), (PEOPLE[4], MOBILE), (BROWSER, DESKTOP), (PEOPLE[2], DESKTOP), ("", DESKTOP)],
)
@pytest.mark.sentence("6-14")
def test_a_view_is_on_a_desktop_or_a_mobile(agent, device):
    assert device_of(agent) == device
