from django.db import migrations


class Migration(migrations.Migration):
    """The counters of a run are called what they count."""

    dependencies = [("deliveries", "0028_lists_are_found_in_an_index")]

    operations = [
        migrations.RenameField("processingrun", "attempts", "crashes"),
        migrations.RenameField("processingrun", "deaths", "interruptions"),
    ]
