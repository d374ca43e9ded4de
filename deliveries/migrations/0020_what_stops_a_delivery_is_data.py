from django.db import migrations, models

_WRITTEN = "jsonb_build_object('key', 'written', 'params', jsonb_build_object('text', {text}, 'code', {code}))"

# Sentences that were kept in words are read as they stand.
_DELIVERIES = f"""
UPDATE deliveries_delivery SET fault = {_WRITTEN.format(text="note", code="''")} WHERE note <> ''
"""
_SPACES = f"""
UPDATE deliveries_sftpspace SET last_fault = {_WRITTEN.format(text="last_error", code="last_error_code")}
 WHERE last_error <> ''
"""


class Migration(migrations.Migration):

    dependencies = [
        ("deliveries", "0019_relays_and_rates"),
    ]

    operations = [
        migrations.AddField("delivery", "fault", models.JSONField(editable=False, null=True, verbose_name="why")),
        migrations.AddField(
            "sftpspace", "last_fault", models.JSONField(editable=False, null=True, verbose_name="last error")
        ),
        migrations.RunSQL(_DELIVERIES, migrations.RunSQL.noop),
        migrations.RunSQL(_SPACES, migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RemoveField("delivery", "note"),
        migrations.RemoveField("sftpspace", "last_error"),
    ]
