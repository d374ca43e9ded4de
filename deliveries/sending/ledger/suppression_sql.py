"""Who must not be written to, asked in SQL at the last moment: with the intent (reference 5.2)."""

from typing import Final

# For a message m of delivery d with the address's fingerprint w.fingerprint. Transactional and test
# deliveries go past unsubscriptions (reasons 4 and 7), not past anything else.
_ENTRY: Final = """
    SELECT b.permanent, b.reason FROM recipients_blacklistentry AS b
    WHERE b.account_id = d.account_id AND b.fingerprint = w.fingerprint
      AND (b.permanent OR b.until > clock_timestamp())
      AND NOT ((d.transactional OR d.type = 'test') AND coalesce(b.reason, 0) IN (4, 7))
"""
_LEFT: Final = """
    SELECT true, 4 FROM deliveries_subscription AS s
    WHERE s.newsletter_id = d.newsletter_id AND s.fingerprint = w.fingerprint AND s.state = -1
      AND NOT (d.transactional OR d.type = 'test')
"""

EXISTS: Final = f"EXISTS ({_ENTRY}) OR EXISTS ({_LEFT})"

RECORD: Final = f"""
    WITH wanted AS (
        SELECT * FROM unnest(%(ids)s::bigint[], %(attempts)s::int[], %(prints)s::bytea[])
        AS w (id, attempt, fingerprint)
    )
    UPDATE deliveries_message AS m
    SET status = CASE WHEN m.doubted THEN 'in_doubt'
                      WHEN why.permanent THEN 'blacklist' ELSE 'temporary_blacklist' END,
        reason = why.reason, outcome_at = clock_timestamp(), not_before = NULL
    FROM wanted AS w, deliveries_delivery AS d,
         LATERAL (SELECT * FROM ({_ENTRY} UNION ALL {_LEFT}) AS found (permanent, reason)
                  ORDER BY permanent DESC LIMIT 1) AS why
    WHERE m.id = w.id AND m.attempt = w.attempt AND m.status IN ('pending', 'deferred') AND d.id = m.delivery_id
      AND d.status = 'sending'
"""  # noqa: S608  both halves are constants of ours
