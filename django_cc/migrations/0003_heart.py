import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("django_cc", "0002_secrets_and_access"),
    ]

    operations = [
        migrations.CreateModel(
            name="RevokedToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "token_id",
                    models.CharField(
                        editable=False, max_length=255, unique=True, verbose_name="token ID"
                    ),
                ),
                (
                    "expires_at",
                    models.DateTimeField(db_index=True, editable=False, verbose_name="expires at"),
                ),
                (
                    "revoked_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="revoked at"
                    ),
                ),
                (
                    "revision",
                    models.BigIntegerField(
                        db_index=True, default=0, editable=False, verbose_name="revision"
                    ),
                ),
            ],
            options={
                "verbose_name": "revoked token",
                "verbose_name_plural": "revoked tokens",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="UsageHour",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "hour",
                    models.DateTimeField(
                        editable=False,
                        help_text="When it began, in UTC: minute and second are 0.",
                        verbose_name="hour",
                    ),
                ),
                (
                    "client_id",
                    models.CharField(
                        blank=True, editable=False, max_length=255, verbose_name="client ID"
                    ),
                ),
                (
                    "api",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="Its identifier.",
                        max_length=255,
                        verbose_name="API",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[("issued", "Issued"), ("refused", "Refused")],
                        editable=False,
                        max_length=8,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, editable=False, max_length=64, verbose_name="reason"
                    ),
                ),
                (
                    "count",
                    models.PositiveBigIntegerField(default=0, editable=False, verbose_name="count"),
                ),
            ],
            options={
                "verbose_name": "usage in an hour",
                "verbose_name_plural": "usage by hour",
                "default_permissions": (),
            },
        ),
        migrations.AlterModelOptions(
            name="auditevent",
            options={
                "base_manager_name": "objects",
                "default_permissions": ("view",),
                "ordering": ["-time", "-pk"],
                "verbose_name": "audit event",
                "verbose_name_plural": "audit events",
            },
        ),
        migrations.RemoveField(
            model_name="api",
            name="revision",
        ),
        migrations.RemoveField(
            model_name="signingkey",
            name="revision",
        ),
        migrations.AddField(
            model_name="apiaccess",
            name="last_requested_on",
            field=models.DateField(
                editable=False,
                help_text="The day, in UTC, a token with this scope was last issued.",
                null=True,
                verbose_name="last requested on",
            ),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="reason",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text="Why it was done, in the actor's words, or why it was refused.",
                max_length=255,
                verbose_name="reason",
            ),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="reference",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text="What the answer to a refused request quoted.",
                max_length=32,
                verbose_name="reference",
            ),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="result",
            field=models.CharField(
                choices=[("done", "Done"), ("refused", "Refused")],
                default="done",
                editable=False,
                max_length=8,
                verbose_name="result",
            ),
        ),
        migrations.AddField(
            model_name="clientsecret",
            name="last_used_address",
            field=models.GenericIPAddressField(
                editable=False, null=True, verbose_name="last used from"
            ),
        ),
        migrations.AddField(
            model_name="clientsecret",
            name="last_used_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="last used at"),
        ),
        migrations.AddField(
            model_name="machineclient",
            name="expires_at",
            field=models.DateTimeField(
                blank=True,
                help_text="From then on it gets no token, and those it has are dead. Empty: never.",
                null=True,
                verbose_name="expires at",
            ),
        ),
        migrations.AddField(
            model_name="machineclient",
            name="version",
            field=models.PositiveIntegerField(
                default=1,
                editable=False,
                help_text="Counts the edits, so that an edit of what was read before another is told.",
                verbose_name="version",
            ),
        ),
        migrations.AddField(
            model_name="revision",
            name="removal",
            field=models.BigIntegerField(
                default=0,
                help_text="The number of the last change that no stamped row tells of.",
                verbose_name="removal",
            ),
        ),
        migrations.AddField(
            model_name="signingkey",
            name="retired_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="retired at"),
        ),
        migrations.AddField(
            model_name="signingkey",
            name="retiring_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="retiring since"),
        ),
        migrations.AddField(
            model_name="signingkey",
            name="verifies_until",
            field=models.DateTimeField(
                editable=False,
                help_text="When the last token it signed has expired everywhere.",
                null=True,
                verbose_name="verifies until",
            ),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="actor_kind",
            field=models.CharField(
                choices=[("user", "User"), ("command", "Command"), ("client", "Machine client")],
                editable=False,
                max_length=16,
                verbose_name="kind of actor",
            ),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="event",
            field=models.CharField(
                choices=[
                    ("client_registered", "Machine client registered"),
                    ("client_updated", "Machine client changed"),
                    ("client_deleted", "Machine client deleted"),
                    ("client_disabled", "Machine client disabled"),
                    ("client_enabled", "Machine client enabled"),
                    ("tokens_revoked", "All tokens revoked"),
                    ("token_revoked", "Token revoked"),
                    ("token_refused", "Token request refused"),
                    ("access_granted", "API access granted"),
                    ("access_revoked", "API access removed"),
                    ("secret_replaced", "Client secret replaced"),
                    ("secret_created", "Client secret created"),
                    ("secret_rotated", "Client secret rotated"),
                    ("secret_updated", "Client secret changed"),
                    ("secret_revoked", "Client secret revoked"),
                    ("signing_key_created", "Signing key created"),
                    ("signing_key_rotated", "Signing key rotated"),
                    ("signing_key_retiring", "Signing key signs no more"),
                    ("signing_key_retired", "Signing key retired"),
                    ("signing_key_compromised", "Signing key compromised"),
                    ("signing_keys_rewrapped", "Signing keys encrypted anew"),
                    ("apis_configured", "APIs updated from configuration"),
                    ("api_created", "API created"),
                    ("api_updated", "API changed"),
                    ("api_deleted", "API deleted"),
                    ("scope_created", "Scope created"),
                    ("scope_updated", "Scope changed"),
                    ("scope_deleted", "Scope deleted"),
                    ("audit_pruned", "Old audit events removed"),
                ],
                editable=False,
                max_length=40,
                verbose_name="event",
            ),
        ),
        migrations.AlterField(
            model_name="machineclient",
            name="revision",
            field=models.BigIntegerField(
                db_index=True, default=0, editable=False, verbose_name="revision"
            ),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["client_id", "-time"], name="django_cc_event_of_client"),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                condition=models.Q(("reference", ""), _negated=True),
                fields=["reference"],
                name="django_cc_event_by_reference",
            ),
        ),
        migrations.AddConstraint(
            model_name="signingkey",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "next")),
                fields=("algorithm",),
                name="django_cc_one_next_key",
            ),
        ),
        migrations.AddIndex(
            model_name="usagehour",
            index=models.Index(fields=["hour"], name="django_cc_usage_by_hour"),
        ),
        migrations.AddConstraint(
            model_name="usagehour",
            constraint=models.UniqueConstraint(
                fields=("client_id", "hour", "api", "outcome", "reason"),
                name="django_cc_usage_once",
            ),
        ),
    ]
