"""From an audience to the relay: composing and sending."""
