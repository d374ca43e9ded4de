#!/usr/bin/env python3
"""Call it as: deliver.py host port user private-key host-key bundle.xml [list.csv ...]."""

import logging
import os
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import paramiko


def connect(host: str, port: int, user: str, key: str, host_key: str) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    kind, _, data = host_key.partition(" ")
    name = host if port == 22 else f"[{host}]:{port}"
    entry = paramiko.hostkeys.HostKeyEntry.from_line(f"{name} {kind} {data}")
    client.get_host_keys().add(name, kind, entry.key)
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect(host, port, user, key_filename=key, allow_agent=False, look_for_keys=False)
    return client


def put(sftp: paramiko.SFTPClient, xml: Path, lists: list[Path]) -> None:
    for old in (f"report.{xml.name}", f"report.{xml.name}.done"):
        try:
            sftp.remove(old)
        except FileNotFoundError:
            pass
    for path in (*lists, xml):
        sftp.put(str(path), path.name)
    sftp.open(f"{xml.stem}.ok", "w").close()


def report(sftp: paramiko.SFTPClient, xml: Path) -> str | None:
    try:
        with sftp.open(f"report.{xml.name}.done") as file:
            return file.read().decode("utf-8")
    except FileNotFoundError:
        return None


def main() -> int:
    logging.getLogger("paramiko").setLevel(logging.CRITICAL)  # what it logs as an error it raises too
    host, port, user, key, host_key, bundle, *more = sys.argv[1:]
    xml = Path(bundle)
    with connect(host, int(port), user, key, host_key) as client:
        put(client.open_sftp(), xml, [Path(each) for each in more])
    for _try in range(int(os.environ.get("DELIVER_TRIES", "360"))):
        time.sleep(float(os.environ.get("DELIVER_PAUSE", "5")))
        try:
            with connect(host, int(port), user, key, host_key) as client:
                text = report(client.open_sftp(), xml)
        except (OSError, EOFError, paramiko.SSHException):  # the bundle is there: only this look at it failed
            text = None
        if text is not None:
            error = (ET.fromstring(text).findtext("error") or "").strip()
            print(f"{xml.name}: {error or 'accepted'}", file=sys.stderr if error else sys.stdout)
            return 1 if error else 0
    print(f"{xml.name}: no report yet, look at the space later", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
