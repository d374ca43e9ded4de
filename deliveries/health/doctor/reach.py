"""What others reach and what we reach: processes, spaces, the public address."""

import http.client
from collections.abc import Iterator
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from deliveries import conf
from deliveries.health.doctor.findings import Finding, fine, look, mend
from deliveries.health.parts import check_parts
from deliveries.models import Newsletter, SftpSpace

_SECONDS: Final = 10  # a person waits for the command
_MOST_SPACES: Final = 20
_MOST_ADDRESSES: Final = 10
_NOT_FOUND: Final = 404
_OUR_WORDS: Final = "Link not valid · Link non valido"  # the title of the page for a wrong token


def parts() -> Iterator[Finding]:
    """Check clock, cluster, senders and polls as /readyz does."""
    for part in check_parts():
        if part.name != "database":
            yield fine(part.name, "answers") if part.ok else mend(part.name, part.word)


def spaces() -> Iterator[Finding]:
    """Name the spaces that can't be polled, each with its own sentence."""
    failing = (
        SftpSpace.objects.filter(failing_since__isnull=False).select_related("account").order_by("failing_since")
    )
    for space in failing[:_MOST_SPACES]:
        yield mend(
            f"space {space.name} of {space.account}",
            space.last_error or "its last poll failed: test the connection",
        )
    for space in SftpSpace.objects.filter(paused_at__isnull=False).select_related("account")[:_MOST_SPACES]:
        yield look(
            f"space {space.name} of {space.account}", f"paused since {space.paused_at:%Y-%m-%d %H:%M}: resume it"
        )
    polled = SftpSpace.objects.filter(failing_since=None, paused_at=None).count()
    yield fine("spaces", f"{polled} are polled")


def public_address() -> Iterator[Finding]:
    """Ask each public address for the page of a wrong token: it proves that links in mails lead here."""
    url = conf.public_url()
    if urlsplit(url).scheme != "https":
        yield look(
            "public address",
            f"{url} is not https: set XMLD_PUBLIC_URL to an https address before real mails go out",
        )
    yield _leads_here(url)
    own = Newsletter.objects.exclude(public_url="").values_list("public_url", flat=True).distinct()
    yield from (_leads_here(each.rstrip("/")) for each in own.order_by("public_url")[:_MOST_ADDRESSES])


def _leads_here(url: str) -> Finding:
    try:
        page = _page(f"{url}/u/doctor")
    except (URLError, http.client.HTTPException, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        return mend(
            "public address",
            f"{url} can't be reached from here ({reason}): mend the proxy, the name or XMLD_PUBLIC_URL",
        )
    if _OUR_WORDS in page:
        return fine("public address", f"{url} leads here")
    return mend(
        "public address",
        f"{url} leads to something else: let its proxy pass /o/, /c/, /u/ and /w/ on to the web process, "
        "and XMLD_ALLOWED_HOSTS name its host",
    )


def _page(url: str) -> str:
    request = Request(url, headers={"User-Agent": "xml-delivery-doctor"})  # noqa: S310  the scheme was checked at the start
    try:
        with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310  the same
            return str(answer.read(20_000).decode("utf-8", "replace"))
    except HTTPError as error:
        with error:
            return str(error.read(20_000).decode("utf-8", "replace")) if error.code == _NOT_FOUND else ""
