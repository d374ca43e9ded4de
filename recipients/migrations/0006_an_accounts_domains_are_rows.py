from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("recipients", "0005_sender_domains")]

    operations = [migrations.RemoveField(model_name="account", name="domains")]
