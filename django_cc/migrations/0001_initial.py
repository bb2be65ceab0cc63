"""Written by hand where it touches the toolkit's Application.

`makemigrations` would name the Django setting OAUTH2_PROVIDER_APPLICATION_MODEL, which most
projects do not have and the toolkit does not set: the toolkit's own settings object always knows.
"""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from oauth2_provider.settings import oauth2_settings


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(oauth2_settings.APPLICATION_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "time",
                    models.DateTimeField(
                        db_index=True,
                        default=django.utils.timezone.now,
                        editable=False,
                        verbose_name="time",
                    ),
                ),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("client_registered", "Machine client registered"),
                            ("client_disabled", "Machine client disabled"),
                            ("client_enabled", "Machine client enabled"),
                            ("secret_replaced", "Client secret replaced"),
                            ("signing_key_created", "Signing key created"),
                            ("apis_configured", "APIs updated from configuration"),
                        ],
                        editable=False,
                        max_length=40,
                        verbose_name="event",
                    ),
                ),
                (
                    "actor_kind",
                    models.CharField(
                        choices=[("user", "User"), ("command", "Command")],
                        editable=False,
                        max_length=16,
                        verbose_name="kind of actor",
                    ),
                ),
                ("actor", models.CharField(editable=False, max_length=255, verbose_name="actor")),
                (
                    "client_id",
                    models.CharField(
                        blank=True, editable=False, max_length=255, verbose_name="client ID"
                    ),
                ),
                (
                    "client_name",
                    models.CharField(
                        blank=True, editable=False, max_length=255, verbose_name="client name"
                    ),
                ),
                (
                    "detail",
                    models.CharField(
                        blank=True, editable=False, max_length=255, verbose_name="detail"
                    ),
                ),
                (
                    "address",
                    models.GenericIPAddressField(editable=False, null=True, verbose_name="address"),
                ),
            ],
            options={
                "verbose_name": "audit event",
                "verbose_name_plural": "audit events",
                "ordering": ["-time", "-pk"],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="API",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "identifier",
                    models.CharField(
                        help_text="An absolute URI. Goes into every token as “aud”; changing it would break the API.",
                        max_length=255,
                        unique=True,
                        verbose_name="identifier",
                    ),
                ),
                ("name", models.CharField(max_length=255, verbose_name="name")),
                (
                    "from_configuration",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="from configuration"
                    ),
                ),
                (
                    "revision",
                    models.BigIntegerField(default=0, editable=False, verbose_name="revision"),
                ),
            ],
            options={
                "verbose_name": "API",
                "verbose_name_plural": "APIs",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("identifier", ""), _negated=True),
                        name="django_cc_api_has_an_identifier",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MachineClient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="What it is and where it runs, for example “Billing sync (production)”. Shown in logs.",
                        max_length=80,
                        verbose_name="name",
                    ),
                ),
                (
                    "description",
                    models.TextField(
                        blank=True,
                        help_text="What it does and who to call when it misbehaves. Do not paste secrets.",
                        verbose_name="description",
                    ),
                ),
                (
                    "registered_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        editable=False,
                        verbose_name="registered at",
                    ),
                ),
                (
                    "registration_key",
                    models.UUIDField(
                        editable=False,
                        help_text="Names one submission of the registration form, so that it registers once.",
                        null=True,
                        unique=True,
                        verbose_name="registration key",
                    ),
                ),
                (
                    "disabled_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="disabled at"),
                ),
                (
                    "disabled_by",
                    models.CharField(
                        blank=True, editable=False, max_length=255, verbose_name="disabled by"
                    ),
                ),
                (
                    "disabled_reason",
                    models.CharField(
                        blank=True, editable=False, max_length=255, verbose_name="reason"
                    ),
                ),
                (
                    "generation",
                    models.PositiveIntegerField(
                        default=1,
                        editable=False,
                        help_text="Tokens of an earlier generation are dead.",
                        verbose_name="generation",
                    ),
                ),
                (
                    "revision",
                    models.BigIntegerField(default=0, editable=False, verbose_name="revision"),
                ),
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="machine_client",
                        to=oauth2_settings.APPLICATION_MODEL,
                        verbose_name="application",
                    ),
                ),
                (
                    "default_api",
                    models.ForeignKey(
                        blank=True,
                        help_text="The API a token is for when the request names neither API nor scope.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="django_cc.api",
                        verbose_name="default API",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        help_text="Can manage this client. Tokens do not depend on this account: the client keeps working if the owner leaves.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "registered_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="registered by",
                    ),
                ),
            ],
            options={
                "verbose_name": "machine client",
                "verbose_name_plural": "machine clients",
                "permissions": [("disable_client", "Can disable and enable machine clients")],
            },
        ),
        migrations.CreateModel(
            name="ClientSecret",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "digest",
                    models.CharField(
                        editable=False,
                        help_text="How it was digested, then the digest: sha256$…",
                        max_length=80,
                        unique=True,
                        verbose_name="digest",
                    ),
                ),
                (
                    "visible_start",
                    models.CharField(
                        editable=False, max_length=12, verbose_name="first characters"
                    ),
                ),
                (
                    "visible_end",
                    models.CharField(editable=False, max_length=4, verbose_name="last characters"),
                ),
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
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="secrets",
                        to="django_cc.machineclient",
                        verbose_name="machine client",
                    ),
                ),
            ],
            options={
                "verbose_name": "client secret",
                "verbose_name_plural": "client secrets",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField(verbose_name="number")),
            ],
            options={
                "verbose_name": "revision",
                "verbose_name_plural": "revisions",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pk", 1)), name="django_cc_revision_is_one_row"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Scope",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255, verbose_name="name")),
                (
                    "description",
                    models.CharField(blank=True, max_length=255, verbose_name="description"),
                ),
                (
                    "api",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scopes",
                        to="django_cc.api",
                        verbose_name="API",
                    ),
                ),
            ],
            options={
                "verbose_name": "scope",
                "verbose_name_plural": "scopes",
            },
        ),
        migrations.CreateModel(
            name="APIAccess",
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
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access",
                        to="django_cc.machineclient",
                        verbose_name="machine client",
                    ),
                ),
                (
                    "scope",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="access",
                        to="django_cc.scope",
                        verbose_name="scope",
                    ),
                ),
            ],
            options={
                "verbose_name": "API access",
                "verbose_name_plural": "API access",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kid",
                    models.CharField(
                        editable=False, max_length=64, unique=True, verbose_name="key ID"
                    ),
                ),
                (
                    "algorithm",
                    models.CharField(editable=False, max_length=16, verbose_name="algorithm"),
                ),
                ("public_jwk", models.JSONField(editable=False, verbose_name="public JWK")),
                ("encrypted_private_key", models.BinaryField(verbose_name="encrypted private key")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("next", "Next: published, not signing yet"),
                            ("current", "Current: signs"),
                            ("retiring", "Retiring: published, only verifies"),
                            ("retired", "Retired: unpublished, private half destroyed"),
                        ],
                        editable=False,
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created at"
                    ),
                ),
                (
                    "activated_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="activated at"),
                ),
                (
                    "revision",
                    models.BigIntegerField(default=0, editable=False, verbose_name="revision"),
                ),
            ],
            options={
                "verbose_name": "signing key",
                "verbose_name_plural": "signing keys",
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "current")),
                        fields=("algorithm",),
                        name="django_cc_one_current_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["next", "current", "retiring", "retired"])
                        ),
                        name="django_cc_key_state",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="machineclient",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("name"),
                models.F("owner"),
                condition=models.Q(("owner__isnull", False)),
                name="django_cc_client_name_per_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="machineclient",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="django_cc_client_has_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="machineclient",
            constraint=models.CheckConstraint(
                condition=models.Q(("generation__gte", 1)), name="django_cc_client_generation"
            ),
        ),
        migrations.AddConstraint(
            model_name="clientsecret",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest__startswith", "sha256$")),
                name="django_cc_secret_is_digested",
            ),
        ),
        migrations.AddConstraint(
            model_name="scope",
            constraint=models.UniqueConstraint(
                fields=("api", "name"), name="django_cc_scope_per_api"
            ),
        ),
        migrations.AddConstraint(
            model_name="scope",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("name", ""), _negated=True),
                    models.Q(("name__contains", " "), _negated=True),
                ),
                name="django_cc_scope_is_one_word",
            ),
        ),
        migrations.AddConstraint(
            model_name="apiaccess",
            constraint=models.UniqueConstraint(
                fields=("client", "scope"), name="django_cc_access_once"
            ),
        ),
    ]
