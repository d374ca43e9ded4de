from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("deliveries", "0026_a_sent_delivery_is_told_of"),
    ]

    operations = [
        migrations.RenameField(model_name="message", old_name="body_sha256", new_name="body_digest"),
    ]
