import django.db.models.deletion
import idna
from django.db import migrations, models

import recipients.models.domains


def vouch_for_what_was_written(apps, schema_editor):
    """The lists that accounts had were the platform's word until now."""
    domains = apps.get_model("recipients", "SenderDomain").objects
    for account in apps.get_model("recipients", "Account").objects.exclude(domains=[]):
        for written in account.domains:
            try:
                domain = idna.encode(written.strip().rstrip(".").lower(), uts46=True).decode("ascii").lower()
            except idna.IDNAError:
                continue
            domains.get_or_create(account=account, domain=domain, defaults={"state": "vouched"})


class Migration(migrations.Migration):
    dependencies = [("recipients", "0004_an_entry_tells_where_it_comes_from")]

    operations = [
        migrations.CreateModel(
            name="SenderDomain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("domain", models.CharField(max_length=253, verbose_name="domain")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("vouched", "vouched for by the platform"),
                            ("proved", "proved"),
                            ("unproved", "not proved yet"),
                        ],
                        default="unproved",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "token",
                    models.CharField(default=recipients.models.domains.new_token, editable=False, max_length=40),
                ),
                ("declared_at", models.DateTimeField(auto_now_add=True, verbose_name="declared")),
                (
                    "checked_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="last checked"),
                ),
                ("proved_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="proved on")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sender_domains",
                        to="recipients.account",
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "sender domain",
                "verbose_name_plural": "sender domains",
                "constraints": [
                    models.UniqueConstraint(fields=("account", "domain"), name="a_domain_once_an_account"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proved")), fields=("domain",), name="proved_by_one_account"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["vouched", "proved", "unproved"])),
                        name="known_state_of_a_domain",
                    ),
                ],
            },
        ),
        migrations.RunPython(vouch_for_what_was_written, migrations.RunPython.noop),
    ]
