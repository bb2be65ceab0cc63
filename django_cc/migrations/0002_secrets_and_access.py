from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("django_cc", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="clientsecret",
            name="note",
            field=models.CharField(
                blank=True,
                help_text="Where is it kept? For example the path in a vault. Never the secret.",
                max_length=255,
                verbose_name="note",
            ),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="event",
            field=models.CharField(
                choices=[
                    ("client_registered", "Machine client registered"),
                    ("client_deleted", "Machine client deleted"),
                    ("client_disabled", "Machine client disabled"),
                    ("client_enabled", "Machine client enabled"),
                    ("tokens_revoked", "All tokens revoked"),
                    ("access_granted", "API access granted"),
                    ("access_revoked", "API access removed"),
                    ("secret_replaced", "Client secret replaced"),
                    ("secret_created", "Client secret created"),
                    ("secret_rotated", "Client secret rotated"),
                    ("secret_updated", "Client secret changed"),
                    ("secret_revoked", "Client secret revoked"),
                    ("signing_key_created", "Signing key created"),
                    ("apis_configured", "APIs updated from configuration"),
                ],
                editable=False,
                max_length=40,
                verbose_name="event",
            ),
        ),
    ]
