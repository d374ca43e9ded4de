"""What of a delivery can be known: settled when it starts, and kept beside it (reference 6, 8)."""

from deliveries.models import Content, Delivery


def measured(delivery: Delivery, content: Content) -> str:
    """Return the marks of Delivery.measured: v where views are counted, c clicks, w visits of the web version."""
    if delivery.newsletter.tracking == "none":
        return ""
    views = bool(content.html) and content.html_views == "parse"
    clicks = (bool(content.html) and content.html_links == "parse") or (
        bool(content.text) and content.text_links == "parse"
    )
    return f"{'v' if views else ''}{'c' if clicks else ''}w"
