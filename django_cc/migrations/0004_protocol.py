import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("django_cc", "0003_heart"),
    ]

    operations = [
        migrations.CreateModel(
            name="APIIntrospector",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "granted_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="granted at"
                    ),
                ),
                (
                    "granted_by",
                    models.CharField(
                        blank=True, editable=False, max_length=255, verbose_name="granted by"
                    ),
                ),
            ],
            options={
                "verbose_name": "introspecting client",
                "verbose_name_plural": "introspecting clients",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ClientKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kid", models.CharField(editable=False, max_length=255, verbose_name="key ID")),
                (
                    "algorithm",
                    models.CharField(editable=False, max_length=16, verbose_name="algorithm"),
                ),
                ("public_jwk", models.JSONField(editable=False, verbose_name="public JWK")),
                ("note", models.CharField(blank=True, max_length=255, verbose_name="note")),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created at"
                    ),
                ),
                (
                    "created_by",
                    models.CharField(
                        blank=True, editable=False, max_length=255, verbose_name="created by"
                    ),
                ),
                (
                    "expires_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="expires at"),
                ),
                (
                    "revoked_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="revoked at"),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="last used at"),
                ),
                (
                    "last_used_address",
                    models.GenericIPAddressField(
                        editable=False, null=True, verbose_name="last used from"
                    ),
                ),
            ],
            options={
                "verbose_name": "client key",
                "verbose_name_plural": "client keys",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="UsedAssertion",
            fields=[
                (
                    "digest",
                    models.CharField(
                        editable=False,
                        help_text="SHA-256 of issuer and jti, in hexadecimal digits.",
                        max_length=64,
                        primary_key=True,
                        serialize=False,
                        verbose_name="digest",
                    ),
                ),
                (
                    "expires_at",
                    models.DateTimeField(db_index=True, editable=False, verbose_name="expires at"),
                ),
            ],
            options={
                "verbose_name": "used assertion",
                "verbose_name_plural": "used assertions",
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="api",
            name="built_in",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="This server's own API: its identifier is the issuer.",
                verbose_name="built in",
            ),
        ),
        migrations.AddField(
            model_name="api",
            name="token_lifetime",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="In seconds. Empty: that of the project.",
                null=True,
                verbose_name="token lifetime",
            ),
        ),
        migrations.AddField(
            model_name="machineclient",
            name="accepts_endpoint_audience",
            field=models.BooleanField(
                default=False,
                help_text="For older client libraries: an assertion may name the token endpoint as “aud” instead of the issuer. Leave it off where you can.",
                verbose_name="accepts the token endpoint as audience",
            ),
        ),
        migrations.AddField(
            model_name="machineclient",
            name="allowed_networks",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="From where it may ask for tokens, such as 10.0.0.0/8. Empty: anywhere.",
                verbose_name="allowed networks",
            ),
        ),
        migrations.AddField(
            model_name="machineclient",
            name="authentication",
            field=models.CharField(
                choices=[
                    ("client_secret", "Client secret"),
                    ("private_key_jwt", "Signed JWT (private_key_jwt)"),
                ],
                default="client_secret",
                editable=False,
                max_length=16,
                verbose_name="authentication",
            ),
        ),
        migrations.AddField(
            model_name="machineclient",
            name="jwks_uri",
            field=models.URLField(
                blank=True,
                help_text="Where the client publishes its public keys, instead of handing them over.",
                max_length=2000,
                verbose_name="JWK Set URL",
            ),
        ),
        migrations.AddField(
            model_name="machineclient",
            name="previous_authentication",
            field=models.CharField(
                blank=True,
                choices=[
                    ("client_secret", "Client secret"),
                    ("private_key_jwt", "Signed JWT (private_key_jwt)"),
                ],
                editable=False,
                help_text="Works on until the date beside it.",
                max_length=16,
                verbose_name="previous authentication",
            ),
        ),
        migrations.AddField(
            model_name="machineclient",
            name="previous_authentication_until",
            field=models.DateTimeField(
                editable=False, null=True, verbose_name="previous authentication until"
            ),
        ),
        migrations.AddField(
            model_name="machineclient",
            name="rate",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="How many tokens it may get in a minute. Empty: any number.",
                null=True,
                verbose_name="rate",
            ),
        ),
        migrations.AddField(
            model_name="machineclient",
            name="token_lifetime",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="In seconds. Empty: that of the API, or of the project.",
                null=True,
                verbose_name="token lifetime",
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
                    ("key_added", "Client key added"),
                    ("key_revoked", "Client key removed"),
                    ("authentication_changed", "Authentication changed"),
                    ("introspection_allowed", "Introspection allowed"),
                    ("introspection_denied", "Introspection no longer allowed"),
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
        migrations.AddConstraint(
            model_name="api",
            constraint=models.UniqueConstraint(
                condition=models.Q(("built_in", True)),
                fields=("built_in",),
                name="django_cc_one_built_in_api",
            ),
        ),
        migrations.AddConstraint(
            model_name="machineclient",
            constraint=models.CheckConstraint(
                condition=models.Q(("authentication__in", ["client_secret", "private_key_jwt"])),
                name="django_cc_client_authentication",
            ),
        ),
        migrations.AddConstraint(
            model_name="machineclient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("previous_authentication", ""),
                        ("previous_authentication_until__isnull", True),
                    ),
                    models.Q(
                        models.Q(("previous_authentication", ""), _negated=True),
                        ("previous_authentication_until__isnull", False),
                        models.Q(
                            ("previous_authentication", models.F("authentication")), _negated=True
                        ),
                    ),
                    _connector="OR",
                ),
                name="django_cc_client_planned_change",
            ),
        ),
        migrations.AddField(
            model_name="apiintrospector",
            name="api",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="introspectors",
                to="django_cc.api",
                verbose_name="API",
            ),
        ),
        migrations.AddField(
            model_name="apiintrospector",
            name="client",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="introspects",
                to="django_cc.machineclient",
                verbose_name="machine client",
            ),
        ),
        migrations.AddField(
            model_name="clientkey",
            name="client",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="keys",
                to="django_cc.machineclient",
                verbose_name="machine client",
            ),
        ),
        migrations.AddConstraint(
            model_name="apiintrospector",
            constraint=models.UniqueConstraint(
                fields=("api", "client"), name="django_cc_introspector_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="clientkey",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at__isnull", True)),
                fields=("client", "kid"),
                name="django_cc_client_key_once",
            ),
        ),
    ]
