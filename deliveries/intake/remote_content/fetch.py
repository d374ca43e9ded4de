"""Files and contents that a message names, fetched once, before its delivery is made (reference 2.6).

The address is the client's, so it is hostile: https only, hosts of the account's list only, and the connection goes
to an address that was checked, never to a name that is asked again. A redirect is checked as the first address was.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from deliveries.conf import MAX_MESSAGE_BYTES
from deliveries.content import Fetch, Fetched
from deliveries.content.mime.mailboxes import domain_of
from deliveries.intake.remote_content.types import MOST_BYTES, Refused, checked
from recipients.faults import Fault

SECONDS: Final = 5.0  # of each wait: the whole bundle waits for it, and its client
MOST_FETCHES: Final = 100
_MOST_REDIRECTS: Final = 3
_PORT: Final = 443
_EMBEDDING_4: Final = ipaddress.ip_network("64:ff9b::/96")
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_SAFE: Final = "!$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, slots=True)
class Network:
    """How names become addresses, and addresses connections: `connect(address, host, seconds)` speaks TLS.

    Both raise OSError.
    """

    resolve: Callable[[str], Sequence[str]]
    connect: Callable[[str, str, float], socket.socket]


def _resolve(host: str) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, _PORT, type=socket.SOCK_STREAM)]


def _connect(address: str, host: str, seconds: float) -> socket.socket:
    plain = socket.create_connection((address, _PORT), timeout=seconds)
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except OSError:
        plain.close()
        raise


PUBLIC: Final = Network(_resolve, _connect)


def fetch_all(wanted: Iterable[Fetch], hosts: Collection[str], network: Network = PUBLIC) -> dict[Fetch, Fetched]:
    """Return what lies at each address; the same one is asked once.

    Raises FetchError (with the Fetch) at the first that can't be had. No transaction may be open here.
    """
    allowed = frozenset(name for host in hosts if (name := domain_of(host)))
    known: dict[tuple[str, str], Fetched] = {}
    found: dict[Fetch, Fetched] = {}
    for each in wanted:
        if each.key not in known:
            try:
                known[each.key] = _timed(each, allowed, network)
            except Refused as refusal:
                raise FetchError(each, refusal.fault(each.url)) from refusal
        found[each] = known[each.key]
        size = sum(len(one.content) + len(one.text) for one in known.values())
        if len(known) > MOST_FETCHES or size > MAX_MESSAGE_BYTES:
            most = {"files": MOST_FETCHES, "most": MAX_MESSAGE_BYTES // 1024**2}
            raise FetchError(each, Fault.of("FETCH_TOO_LARGE.together", url=each.url, **most))
    return found


class FetchError(Exception):
    """One address gave nothing that can go into a mail: `fault` says what and what to do."""

    def __init__(self, fetch: Fetch, fault: Fault) -> None:
        super().__init__(fault.key)
        self.fetch = fetch
        self.fault = fault

    @property
    def code(self) -> str:
        """What decides."""
        return self.fault.code


class _Attempt:
    """One fetch in a thread of its own: names and slow servers know no other end than ours."""

    def __init__(self, fetch: Fetch, allowed: Collection[str], network: Network) -> None:
        self._fetch, self._allowed, self._network = fetch, allowed, network
        self._socket: socket.socket | None = None
        self._given_up = False
        self.found: Fetched | None = None
        self.refused: Refused | None = None

    def run(self) -> None:
        """Fetch; leaves `found` or `refused`."""
        try:
            self.found = self._follow()
        except Refused as refusal:
            self.refused = refusal
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.refused = Refused("FETCH_FAILED", words=type(error).__name__)
        finally:
            self._close()

    def give_up(self) -> None:
        """End it from outside: its socket is shut, so that a read that hangs comes back."""
        self._given_up = True
        self._close()

    def _close(self) -> None:
        opened, self._socket = self._socket, None
        if opened is not None:
            try:
                opened.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the other side was first
            finally:
                opened.close()

    def _follow(self) -> Fetched:
        url = self._fetch.url
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._ask(url)
            if isinstance(answer, Fetched):
                return answer
            url = urljoin(url, answer)
        raise Refused("FETCH_FAILED.redirects", most=_MOST_REDIRECTS)

    def _ask(self, url: str) -> Fetched | str:
        """Return what lies there, or where it moved."""
        parts = urlsplit(url)
        host = _host(parts, self._allowed)
        address = _public_address(self._network.resolve(host))
        if self._given_up:
            raise Refused("FETCH_FAILED.late")
        self._close()
        self._socket = self._network.connect(address, host, SECONDS)
        connection = http.client.HTTPConnection(host, timeout=SECONDS)
        connection.sock = self._socket
        path = quote(parts.path or "/", safe=_SAFE) + (f"?{quote(parts.query, safe=_SAFE)}" if parts.query else "")
        connection.request("GET", path, headers={"Accept-Encoding": "identity", "Connection": "close"})
        with connection.getresponse() as response:
            return _answer(self._fetch, response)


def _answer(fetch: Fetch, response: http.client.HTTPResponse) -> Fetched | str:
    if response.status in _MOVED:
        return response.getheader("Location") or ""
    if response.status != http.client.OK:
        raise Refused("FETCH_FAILED.answer", status=response.status)
    if response.getheader("Content-Encoding", "identity").lower() != "identity":
        raise Refused("FETCH_TYPE.packed")
    return checked(fetch.kind, response.getheader("Content-Type") or "", response.read(MOST_BYTES + 1))


def _timed(fetch: Fetch, allowed: Collection[str], network: Network) -> Fetched:
    attempt = _Attempt(fetch, allowed, network)
    thread = threading.Thread(target=attempt.run, name="fetch", daemon=True)
    thread.start()
    thread.join(SECONDS)
    if thread.is_alive():
        attempt.give_up()
        raise Refused("FETCH_FAILED.slow", seconds=round(SECONDS))
    if attempt.refused is not None:
        raise attempt.refused
    if attempt.found is None:
        raise Refused("FETCH_FAILED.nothing")
    return attempt.found


def _host(parts: SplitResult, allowed: Collection[str]) -> str:
    """Return the host of an address that may be asked; raises Refused."""
    host = domain_of(parts.hostname or "")
    if parts.scheme != "https" or parts.username is not None or parts.port not in {None, _PORT}:
        raise Refused("FETCH_ADDRESS")
    if host is None or host not in allowed:
        raise Refused("FETCH_HOST")
    return host


def _public_address(found: Sequence[str]) -> str:
    """Return the address to connect to; raises Refused when one of them is not of the public network."""
    for text in found:
        address = ipaddress.ip_address(text.partition("%")[0])
        if isinstance(address, ipaddress.IPv6Address) and (
            address.ipv4_mapped or address.sixtofour or address.teredo or address in _EMBEDDING_4
        ):
            raise _private()
        if not address.is_global or address.is_multicast:
            raise _private()
    if not found:
        raise Refused("FETCH_FAILED.no_address")
    return found[0]


def _private() -> Refused:
    return Refused("FETCH_PRIVATE")
