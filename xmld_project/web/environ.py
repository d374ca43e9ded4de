"""A request of the web server's (RSGI) as the application's (WSGI, PEP 3333)."""

import sys
from typing import IO, Any, Final, Protocol

from xmld_project.web.proxies import Visitor

_ALWAYS: Final = {
    "SCRIPT_NAME": "",
    "wsgi.errors": sys.stderr,
    "wsgi.multiprocess": True,
    "wsgi.multithread": True,
    "wsgi.run_once": False,
    "wsgi.version": (1, 0),
}
_OF_THEIR_OWN: Final = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
# Both forms are UTF-8 or ASCII whatever they declare (RFC 7578 5.1.2, RFC 1866 8.2.1). Django looks that of a
# form of parts up among all codecs, zlib too, and refuses the ISO-8859-1 of some clients of Java's.
_MULTIPART: Final = "multipart/form-data"
_URLENCODED: Final = "application/x-www-form-urlencoded"
_OF_ASCII: Final = frozenset({"us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252"})


class Headers(Protocol):
    """The headers of a request, names in lower case."""

    def get(self, key: str, default: Any = None) -> Any:
        """Return the first value of a name."""

    def items(self) -> list[tuple[str, str]]:
        """Return all of them in their order, a name once for each time that it was sent."""


class Scope(Protocol):
    """What granian says of a request; `client` and `server` are "address:port", `path` is decoded already."""

    proto: str
    http_version: str
    server: str
    client: str
    method: str
    path: str
    query_string: str
    headers: Headers


def environ(scope: Scope, visitor: Visitor, body: IO[bytes]) -> dict[str, Any]:
    """Return the environment of the request; names with an underscore could pass for others and are dropped."""
    host, _, port = scope.server.rpartition(":")
    made: dict[str, Any] = _ALWAYS | {
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "REMOTE_ADDR": visitor.address,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "wsgi.url_scheme": visitor.scheme,
        "wsgi.input": body,
    }
    for name, value in scope.headers.items():
        if "_" in name:
            continue
        key = _OF_THEIR_OWN.get(name) or f"HTTP_{name.upper().replace('-', '_')}"
        made[key] = f"{made[key]}{'; ' if name == 'cookie' else ','}{value}" if key in made else value
    if "CONTENT_TYPE" in made:
        made["CONTENT_TYPE"] = _without_charset(made["CONTENT_TYPE"])
    return made


def _without_charset(content_type: str) -> str:
    kind, *parameters = content_type.split(";")
    form = kind.strip().lower()
    if form not in {_MULTIPART, _URLENCODED}:
        return content_type
    kept = [each for each in parameters if form == _URLENCODED or _charset(each) is None]
    return ";".join([form, *(each for each in kept if _charset(each) not in _OF_ASCII)])


def _charset(parameter: str) -> str | None:
    name, _, value = parameter.partition("=")
    return value.strip().strip('"').lower() if name.strip().lower() in {"charset", "charset*"} else None
