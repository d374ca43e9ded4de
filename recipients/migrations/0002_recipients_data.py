"""The schema in which each user database has its table."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("recipients", "0001_initial")]
    operations = [
        migrations.RunSQL("CREATE SCHEMA IF NOT EXISTS recipients_data", "DROP SCHEMA recipients_data CASCADE"),
    ]
