import idna
from django.db import migrations


def vouch_for_senders(apps, schema_editor):
    """An account without a list could send from the domains of its newsletters' senders: they stay possible."""
    domains = apps.get_model("recipients", "SenderDomain").objects
    newsletters = apps.get_model("deliveries", "Newsletter").objects.filter(account__sender_domains=None)
    for account_id, sender in list(newsletters.values_list("account_id", "from_address")):
        written = sender.rpartition("@")[2].strip().rstrip(".").lower()
        try:
            domain = idna.encode(written, uts46=True).decode("ascii").lower()
        except idna.IDNAError:
            continue
        domains.get_or_create(account_id=account_id, domain=domain, defaults={"state": "vouched"})


class Migration(migrations.Migration):
    dependencies = [
        ("deliveries", "0015_a_second_dkim_key"),
        ("recipients", "0006_an_accounts_domains_are_rows"),
    ]

    operations = [migrations.RunPython(vouch_for_senders, migrations.RunPython.noop)]
