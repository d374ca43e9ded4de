from django.db import migrations


class Migration(migrations.Migration):
    """Notes are what a client writes into the XML; what a run goes on with are warnings."""

    dependencies = [("deliveries", "0029_a_run_counts_crashes_and_interruptions")]

    operations = [migrations.RenameField("processingrun", "notes", "warning_faults")]
