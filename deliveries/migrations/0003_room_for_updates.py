"""Leaves room on each page of messages, so that intent and result stay on it (heap-only updates)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0002_initial")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE deliveries_message SET (fillfactor = 75)",
            "ALTER TABLE deliveries_message RESET (fillfactor)",
        ),
    ]
