"""The DKIM keys of a newsletter: made here or given, kept encrypted, and what the DNS must say (reference 8)."""

from dataclasses import dataclass
from typing import Final

from deliveries import vault
from deliveries.content.mime import dkim
from deliveries.errors import ClientError
from deliveries.models import Newsletter
from deliveries.vault import VaultError

_SECOND: Final = "-ed25519"  # two keys can't have one selector


@dataclass(frozen=True, slots=True)
class Record:
    """A TXT record to publish: its full name and its text."""

    name: str
    text: str


def signer_of(newsletter: Newsletter) -> dkim.Signer | None:
    """Return what signs its messages, None where it has no key. Raises ClientError for a key that can't be used."""
    keys = _keys(newsletter)
    return dkim.Signer(newsletter.dkim_domain, keys) if keys else None


def dns_record(newsletter: Newsletter) -> tuple[Record, ...]:
    """Return the records that its signatures are verified by, one for each key."""
    return tuple(
        Record(f"{key.selector}._domainkey.{newsletter.dkim_domain}", dkim.record(key.pem))
        for key in _keys(newsletter)
    )


def make_keys(newsletter: Newsletter, domain: str, selector: str) -> tuple[Record, ...]:
    """Give it a new RSA and a new Ed25519 key and return the records to publish; the old ones are gone."""
    newsletter.dkim_domain, newsletter.dkim_selector = domain, selector
    newsletter.dkim_second_selector = f"{selector}{_SECOND}"
    newsletter.dkim_key = vault.seal(dkim.new_key())
    newsletter.dkim_second_key = vault.seal(dkim.new_key(ed25519=True))
    newsletter.save(
        update_fields=["dkim_domain", "dkim_selector", "dkim_key", "dkim_second_selector", "dkim_second_key"]
    )
    return dns_record(newsletter)


def _keys(newsletter: Newsletter) -> tuple[dkim.Key, ...]:
    kept = (
        (newsletter.dkim_selector, newsletter.dkim_key),
        (newsletter.dkim_second_selector, newsletter.dkim_second_key),
    )
    try:
        return tuple(
            dkim.Key(selector, vault.reveal(sealed))
            for selector, sealed in kept
            if newsletter.dkim_domain and selector and sealed
        )
    except VaultError as error:
        raise ClientError(error.code, error.message) from error
