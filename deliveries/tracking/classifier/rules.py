"""Person or machine: every rule of reference 6 with its source. Time since sending alone never decides."""

import ipaddress
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from deliveries.tokens import HIDDEN_LINK

# Three different links of one message within it: nobody reads so fast, a scanner that opens all links does.
BURST: Final = timedelta(seconds=2)
BURST_LINKS: Final = 3

# Words in the user agents of those who fetch what they find in mails and messages, without anybody having asked.
# No library of a programming language is among them: by itself it says nothing of who uses it.
SCANNERS: Final = (
    "barracuda",  # Barracuda Email Security Gateway and Sentinel: link protection
    "mimecast",  # Mimecast URL Protect
    "proofpoint",  # Proofpoint URL Defense
    "urldefense",  # the same
    "microsoft office existence discovery",  # Office and Outlook, which ask whether a link is there
    "microsoft-atp",  # Defender for Office 365, Safe Links
    "safelinks",  # the same
    "msoffice link check",
    "microsoft url control",
    "microsoftpreview",  # learn.microsoft.com, previews of links in Teams and Outlook
    "bingpreview",  # bing.com/webmasters, list of crawlers
    "skypeuripreview",  # learn.microsoft.com, previews of links in Teams and Skype
    "google-safety",  # developers.google.com, list of special crawlers: looks for abuse
    "google-inspectiontool",  # the same page
    "googleother",  # the same page
    "feedfetcher-google",  # developers.google.com, user-triggered fetchers
    "google-read-aloud",  # the same page
    "slackbot",  # api.slack.com/robots: Slackbot-LinkExpanding, Slack-ImgProxy
    "slack-imgproxy",
    "facebookexternalhit",  # developers.facebook.com, web crawlers of Meta
    "facebot",
    "meta-externalagent",
    "whatsapp/",  # previews of links
    "telegrambot",
    "twitterbot",  # developer.x.com, cards
    "linkedinbot",
    "discordbot",
    "applebot",  # support.apple.com/119829
    "symantec",  # Messaging Gateway, Web Isolation
    "messagelabs",  # Symantec Email Security.cloud
    "fireeye",  # Email Security, URL analysis
    "trendmicro",  # Web Reputation
    "trend micro",
    "sophos",  # Email, time-of-click protection
    "fortiguard",  # FortiMail, click protection
    "forcepoint",
    "websense",
    "ironport",  # Cisco Secure Email
    "cisco-talos",
    "zscaler",
    "cloudmark",
    "bitdefender",
    "kaspersky",
    "eset_",  # ESET mail security
    "hornetsecurity",
    "vade",  # Vade Secure
    "avanan",  # Check Point Harmony Email
    "ironscales",
    "abnormalsecurity",
    "virustotal",
    "urlscan",
    "checkmarknetwork",
    "mailscanner",
    "spamassassin",
    "rspamd",
)
# What crawlers call themselves. A Cubot is a telephone.
_CRAWLS: Final = re.compile(r"(?<!cu)bot\b|\bcrawler|\bspider\b|link ?checker|url ?scanner", re.IGNORECASE)
_SCANS: Final = re.compile("|".join(map(re.escape, SCANNERS)), re.IGNORECASE)

# Apple's Mail Privacy Protection loads every pixel, read or not, and calls itself by nothing but this
# (support.apple.com, Mail Privacy Protection); 17.0.0.0/8 and 2620:149::/32 are Apple's own networks (ARIN).
_APPLES_PREFETCH: Final = "Mozilla/5.0"
_APPLES_NETWORKS: Final = (ipaddress.ip_network("17.0.0.0/8"), ipaddress.ip_network("2620:149::/32"))


@dataclass(frozen=True, slots=True)
class Hit:
    """A raw hit as the rules look at it (models.Hit)."""

    id: int
    at: datetime
    kind: str
    delivery_id: int | None
    message_id: int | None
    link: int | None
    target: str
    ip: str
    agent: str
    method: str
    purpose: str

    @property
    def visitor(self) -> tuple[int | None, str, str]:
        """Who came, as far as it can be told: the message, the address, the agent."""
        return self.message_id, self.ip, self.agent

    @property
    def followed(self) -> tuple[int | None, str]:
        """Which link was followed; those in a person's own page share the number 0."""
        return self.link, self.target


def is_machine(hit: Hit) -> bool:
    """Return whether this hit alone shows a machine."""
    return (
        hit.method == "HEAD"
        or "prefetch" in hit.purpose.lower()
        or is_hidden(hit)
        or is_scanner(hit.agent)
        or hit.agent == _APPLES_PREFETCH
        or _is_apples(hit.ip)
    )


def is_hidden(hit: Hit) -> bool:
    """Return whether the hidden link was fetched."""
    return hit.kind == "c" and hit.link == HIDDEN_LINK


@lru_cache(maxsize=8192)
def is_scanner(agent: str) -> bool:
    """Return whether a user agent is a known scanner's or preview's."""
    return bool(_SCANS.search(agent) or _CRAWLS.search(agent))


@lru_cache(maxsize=8192)
def _is_apples(ip: str) -> bool:
    if not ip:
        return False
    address = ipaddress.ip_address(ip)
    return any(address in network for network in _APPLES_NETWORKS)


def bursts(clicks: Iterable[Hit]) -> set[int]:
    """Return the ids of the clicks that are part of a burst, earlier ones too; give each message's in full."""
    of_message: dict[int, list[Hit]] = defaultdict(list)
    for hit in clicks:
        if hit.message_id is not None and hit.kind == "c":
            of_message[hit.message_id].append(hit)
    found: set[int] = set()
    for hits in of_message.values():
        found |= _burst_of(sorted(hits, key=lambda hit: (hit.at, hit.id)))
    return found


def _burst_of(hits: Sequence[Hit]) -> set[int]:
    """Move a window of two seconds over one message's clicks: where it holds three links, all in it are marked."""
    found: set[int] = set()
    first = 0
    inside: dict[tuple[int | None, str], int] = defaultdict(int)
    marked = 0  # up to here everything in the window is marked
    for last, hit in enumerate(hits):
        inside[hit.followed] += 1
        while hit.at - hits[first].at > BURST:
            gone = hits[first].followed
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
            first += 1
        if len(inside) >= BURST_LINKS:
            found.update(one.id for one in hits[max(first, marked) : last + 1])
            marked = last + 1
    return found
