"""The summary of a run by mail, to who is named on its space (reference 4.2); one of our own mails."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from deliveries import conf
from deliveries.errors import ServiceError
from deliveries.intake.leases import DatabaseNow
from deliveries.models import ProcessingRun

SECONDS = 30


def render(run: ProcessingRun) -> EmailMessage:
    """Return the summary: status, counts, error, warnings, links."""
    mail = EmailMessage()
    mail["From"] = conf.mail_from()
    mail["To"] = ", ".join(run.space.notify)
    mail["Subject"] = f"XML Delivery: {run.file} {run.status}".replace("\n", " ").replace("\r", " ")
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = make_msgid(domain=conf.mail_from().rpartition("@")[2] or "localhost")
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n".join(_lines(run)))
    return mail


def _lines(run: ProcessingRun) -> list[str]:
    link = f"{conf.public_url()}/admin/deliveries"
    lines = [f"Run {run.pk} of {run.file} on space {run.space.name}: {run.status} ({run.sub_status})", ""]
    if run.error:
        lines += [f"{run.code}: {run.error}", ""]
    if run.rows_good is not None:
        lines.append(f"Recipients: {run.rows_good} good rows, {run.rows_bad or 0} bad rows")
    for name, delivery in (("Delivery", run.delivery_id), ("Test delivery", run.test_delivery_id)):
        if delivery:
            lines.append(f"{name} {delivery}: {link}/delivery/{delivery}/change/")
    lines += [f"Warning: {warning}" for warning in run.warnings]
    return [*lines, f"The run: {link}/processingrun/{run.pk}/change/"]


def send(run_id: int) -> str:
    """Mail it once: the row is claimed before, and given back when the relay did not take it."""
    claimed = ProcessingRun.objects.filter(pk=run_id, mailed_at=None).update(mailed_at=DatabaseNow())
    run = ProcessingRun.objects.select_related("space", "account").filter(pk=run_id).first()
    if not claimed or run is None or not run.space.notify:
        return f"run {run_id}: no summary to mail"
    try:
        _hand_over(render(run))
    except ServiceError as error:
        ProcessingRun.objects.filter(pk=run_id).update(mailed_at=None)
        return f"run {run_id}: {error.message}"
    return f"run {run_id}: summary mailed to {len(run.space.notify)}"


def _hand_over(mail: EmailMessage) -> None:
    url = urlsplit(conf.smtp_url())
    host, port = url.hostname or "127.0.0.1", url.port
    secure = ssl.create_default_context()
    try:
        if url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port or 465, timeout=SECONDS, context=secure)
        else:
            server = smtplib.SMTP(host, port or 25, timeout=SECONDS)
        with server:
            if url.scheme == "smtp+starttls":
                server.starttls(context=secure)
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
            server.send_message(mail)
    except (OSError, smtplib.SMTPException) as error:
        raise ServiceError("SMTP", f"the relay did not take our mail: {str(error)[:200]}") from error
