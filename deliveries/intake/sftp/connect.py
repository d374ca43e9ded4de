"""The way to a session: connect, compare the host key, only then show who we are (reference 1)."""

import base64
import contextlib
import hashlib
import io
import random
import socket
import threading
from collections.abc import Iterator
from typing import Final

import paramiko

from deliveries import conf
from deliveries.intake.sftp.channel_buffer import Pipe
from deliveries.intake.sftp.errors import ConnectionFailed, HostKeyChanged, LoginRefused, translated
from deliveries.intake.sftp.session import Session, hang_up
from deliveries.intake.sftp.target import Target, own_password
from recipients.faults import Fault

CONNECT_SECONDS: Final = 15  # for TCP, and for each step that has a time-out of its own
SETUP_SECONDS: Final = 45  # for key exchange and log-in together, however slowly they trickle
ANSWER_SECONDS: Final = 60  # of silence on a session
# How often a quiet connection's thread looks up: paramiko's own 0.1 s would cost more than a look at the space.
_IDLE_LOOK_SECONDS: Final = 5.0
# How long to wait before each further try, about: a server that sheds connections (MaxStartups) lets one in soon.
CUT_PAUSES: Final = (0.2, 0.4, 0.8, 1.6, 3.2)
_WINDOW: Final = 64 * 1024**2  # bytes that may be under way: far more than pipelined_read asks for
_PACKET: Final = 256 * 1024  # bytes: holds the reply to a request of pipelined_read
_CIPHERS: Final = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr")


def public_line(key: paramiko.PKey) -> str:
    """Return a host key as it is pinned: "ssh-ed25519 AAAA…"."""
    return f"{key.get_name()} {key.get_base64()}"


def key_fingerprint(line: str) -> str:
    """Return the SHA-256 fingerprint of "type base64", as ssh-keygen -l prints it; "none" for no key."""
    parts = line.split()
    if len(parts) < 2:  # noqa: PLR2004  type and key
        return "none"
    digest = hashlib.sha256(base64.b64decode(parts[1] + "===")).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _own_socket(target: Target) -> socket.socket | None:
    """Return the bundled server's socket for our own polls, None where it has none that we may use."""
    # A space of a person's that leads to this server goes the way of everybody.
    if (target.host, target.port, target.password) != ("127.0.0.1", conf.sftp_port(), own_password()):
        return None
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(CONNECT_SECONDS)
    try:
        sock.connect(str(conf.sftp_socket()))
    except OSError:
        sock.close()
        return None
    return sock


def _socket(target: Target) -> socket.socket:
    own = _own_socket(target)
    if own is not None:
        return own
    try:
        sock = socket.create_connection((target.host, target.port), timeout=CONNECT_SECONDS)
    except TimeoutError as error:
        raise ConnectionFailed("SFTP_TIMEOUT.connect", host=target.place, seconds=CONNECT_SECONDS) from error
    except OSError as error:
        words = error.strerror or str(error)
        raise ConnectionFailed("SFTP_CONNECT", host=target.place, words=words) from error
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # requests are small, and each waits for an answer
    return sock


def _prefer(transport: paramiko.Transport, target: Target) -> None:
    """Ask for the pinned kind of key first, so that a server with several shows the one that we know."""
    options = transport.get_security_options()
    options.ciphers = [cipher for cipher in _CIPHERS if cipher in options.ciphers]
    pinned = {line.split()[0] for line in target.host_keys if line}
    kinds = list(options.key_types)
    kinds.sort(key=lambda kind: kind not in pinned and not (kind.startswith("rsa-sha2") and "ssh-rsa" in pinned))
    options.key_types = kinds


def _compare(transport: paramiko.Transport, target: Target) -> str:
    key = public_line(transport.get_remote_server_key())
    known = {" ".join(line.split()[:2]) for line in target.host_keys}
    if key not in known:
        pinned = [key_fingerprint(line) for line in target.host_keys]
        what = "HOST_KEY_CHANGED" if pinned else "HOST_KEY_CHANGED.none"
        raise HostKeyChanged(what, host=target.place, key=key_fingerprint(key), pinned=pinned)
    return key


# What paramiko says where the server said neither yes nor no.
_NOT_ANSWERED: Final = ("Authentication failed: transport shut down or saw EOF", "Authentication timeout.")


def _log_in(transport: paramiko.Transport, target: Target) -> None:
    try:
        if target.private_key:
            transport.auth_publickey(target.username, _private_key(target))
        else:
            transport.auth_password(target.username, target.password)
    except paramiko.AuthenticationException as error:
        # Three refusals in a row pause a space: a server that is only busy has refused nobody.
        if str(error) in _NOT_ANSWERED:
            raise ConnectionFailed("SFTP_CUT.busy", host=target.place) from error
        raise LoginRefused("SFTP_AUTH", host=target.place, username=target.username) from error


def _private_key(target: Target) -> paramiko.PKey:
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        with contextlib.suppress(paramiko.SSHException, ValueError):
            return kind.from_private_key(io.StringIO(target.private_key))
    raise LoginRefused("SFTP_AUTH.key", host=target.place)


@contextlib.contextmanager
def _deadline(transport: paramiko.Transport) -> Iterator[None]:
    """Hang up when the set-up takes too long: some of paramiko's waits have no time-out of their own."""
    timer = threading.Timer(SETUP_SECONDS, hang_up, [transport])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _handshake(target: Target) -> paramiko.Transport:
    sock = _socket(target)
    with translated(Fault.of("doing.greeting"), target.place):
        transport = paramiko.Transport(sock, default_window_size=_WINDOW, default_max_packet_size=_PACKET)
    transport.banner_timeout = transport.auth_timeout = transport.handshake_timeout = CONNECT_SECONDS
    transport.daemon = True  # a hanging server must not keep the process from its end
    _prefer(transport, target)
    return transport


def seen_key(target: Target) -> str:
    """Return the host key that the server shows, sending it nothing about us."""
    transport = _handshake(target)
    try:
        with _deadline(transport), translated(Fault.of("doing.greeting"), target.place):
            transport.start_client(timeout=CONNECT_SECONDS)
            return public_line(transport.get_remote_server_key())
    finally:
        hang_up(transport)


def connect(target: Target) -> Session:
    """Open a session; raises ConnectionFailed, HostKeyChanged (before any log-in) or LoginRefused.

    A server that hangs up during the set-up is asked again a few times, at moments that no two polls share.
    """
    pause = threading.Event()
    for seconds in CUT_PAUSES:
        try:
            return _connect(target)
        except ConnectionFailed as error:
            # What is refused, unknown or away stays so in the next seconds.
            if error.code != "SFTP_CUT":
                raise
        pause.wait(seconds * random.uniform(0.5, 1.5))  # noqa: S311  no secret depends on it
    return _connect(target)


def _connect(target: Target) -> Session:
    transport = _handshake(target)
    try:
        with _deadline(transport), translated(Fault.of("doing.greeting"), target.place):
            transport.start_client(timeout=CONNECT_SECONDS)
            _compare(transport, target)
            _log_in(transport, target)
            transport.set_keepalive(30)  # routers between forget a line that is silent for minutes
            channel = transport.open_session(_WINDOW, _PACKET, timeout=CONNECT_SECONDS)
            channel.in_buffer = Pipe()
            channel.settimeout(ANSWER_SECONDS)
            channel.invoke_subsystem("sftp")
            client = paramiko.SFTPClient(channel)
            transport.sock.settimeout(_IDLE_LOOK_SECONDS)
    except BaseException:
        hang_up(transport)
        raise
    return Session(target, transport, client)
