"""How one variable of the environment is read and checked (reference: Environment)."""

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict


class EnvironmentFault(Exception):
    """A variable has a value that can't be used; the text is the one line for the operator."""


def value(source: Mapping[str, str], name: str) -> str | None:
    """Return NAME, or what the file named by NAME_FILE holds, without the surrounding white space."""
    path = source.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise EnvironmentFault(f"{name}_FILE={path}: can't be read ({error.strerror})") from error
    return source.get(name, "").strip() or None


def number(source: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """Return a whole number within bounds; raises EnvironmentFault."""
    text = value(source, name)
    if text is None:
        return default
    if not text.isdecimal() or not least <= int(text) <= most:
        raise EnvironmentFault(f"{name}={text}: give a whole number from {least} to {most}")
    return int(text)


def switch(source: Mapping[str, str], name: str, *, default: bool) -> bool:
    """Return whether it is 1; raises EnvironmentFault for anything but 0 and 1."""
    text = value(source, name)
    if text is None:
        return default
    if text not in {"0", "1"}:
        raise EnvironmentFault(f"{name}={text}: give 0 or 1")
    return text == "1"


def choice(source: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """Return one of the choices, the first where nothing is said; raises EnvironmentFault."""
    text = value(source, name) or choices[0]
    if text not in choices:
        raise EnvironmentFault(f"{name}={text}: give {' or '.join(choices)}")
    return text


def address(source: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    """Return a URL of one of the schemes, without a slash at its end; raises EnvironmentFault."""
    text = value(source, name)
    if text is not None and not text.startswith(tuple(f"{scheme}://" for scheme in schemes)):
        raise EnvironmentFault(f"{name} must begin with {' or '.join(f'{s}://' for s in schemes)}")
    return text.rstrip("/") if text else None


def host(source: Mapping[str, str], name: str) -> str:
    """Return the address that the web server binds; raises EnvironmentFault for what is a name."""
    text = value(source, name) or "127.0.0.1"
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise EnvironmentFault(f"{name}={text}: give an address of this machine, as 127.0.0.1") from error


def networks(
    source: Mapping[str, str], name: str, default: str
) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """Return addresses and networks, those of `default` where nothing is said; raises EnvironmentFault."""
    text = value(source, name)
    try:
        return tuple(ipaddress.ip_network(each.strip()) for each in (text or default).split(",") if each.strip())
    except ValueError as error:
        raise EnvironmentFault(f"{name}: {error}; give addresses or networks, with commas between them") from error


def servers(source: Mapping[str, str], name: str) -> tuple[tuple[str, int], ...]:
    """Return addresses and ports; all have one port, as the resolver's library takes one."""
    found = []
    for written in (value(source, name) or "").split(","):
        if written.strip():
            address, _, port = written.strip().partition("#")
            try:
                found.append((str(ipaddress.ip_address(address)), int(port or 53)))
            except ValueError as error:
                raise EnvironmentFault(f"{name}={written}: give addresses, or address#port") from error
    return tuple(found)


def database(source: Mapping[str, str], name: str) -> str | None:
    """Return the URL of a database; raises EnvironmentFault, which does not repeat it."""
    url = address(source, name, ("postgresql", "postgres"))
    try:
        conninfo_to_dict(url or "")
    except psycopg.ProgrammingError as error:  # its text may repeat the password
        raise EnvironmentFault(f"{name} is not postgresql://user:password@host:port/name") from error
    return url


def maildir(source: Mapping[str, str], name: str) -> Path | None:
    """Return the folder that bounces come into; raises EnvironmentFault where its mails could not be moved."""
    text = value(source, name)
    if text is None:
        return None
    folder = Path(text).expanduser()
    if not folder.is_absolute() or not all(os.access(folder / each, os.W_OK | os.X_OK) for each in ("new", "cur")):
        raise EnvironmentFault(f"{name}={text}: give the full path of a Maildir, whose new and cur we may write to")
    return folder
