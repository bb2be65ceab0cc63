import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("django_cc", "0004_protocol"),
    ]

    operations = [
        migrations.CreateModel(
            name="Dashboard",
            fields=[],
            options={
                "verbose_name": "dashboard",
                "verbose_name_plural": "dashboard",
                "permissions": [("view_dashboard", "Can view the dashboard")],
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("django_cc.usagehour",),
        ),
        migrations.AlterModelOptions(
            name="machineclient",
            options={
                "permissions": [
                    ("access_all_clients", "Can see and act on every owner's machine clients"),
                    ("disable_client", "Can disable and enable machine clients"),
                    ("issue_credential", "Can create and rotate secrets and add keys"),
                    ("revoke_credential", "Can revoke secrets and remove keys"),
                    ("revoke_tokens", "Can revoke tokens"),
                    ("grant_access", "Can give and take scopes"),
                    ("grant_restricted_scope", "Can give restricted scopes"),
                    ("test_request", "Can send test requests"),
                ],
                "verbose_name": "machine client",
                "verbose_name_plural": "machine clients",
            },
        ),
        migrations.AlterModelOptions(
            name="signingkey",
            options={
                "default_permissions": ("view",),
                "permissions": [
                    ("rotate_signingkey", "Can create and rotate signing keys"),
                    ("retire_signingkey", "Can retire and replace signing keys"),
                ],
                "verbose_name": "signing key",
                "verbose_name_plural": "signing keys",
            },
        ),
        migrations.RemoveConstraint(
            model_name="clientsecret",
            name="django_cc_secret_is_digested",
        ),
        migrations.AddField(
            model_name="machineclient",
            name="adopted_from",
            field=models.JSONField(
                editable=False,
                help_text="What the toolkit's application was before its adoption; no secret.",
                null=True,
                verbose_name="adopted from",
            ),
        ),
        migrations.AddField(
            model_name="machineclient",
            name="managed_by",
            field=models.CharField(
                choices=[
                    ("console", "Console"),
                    ("command", "Command"),
                    ("adopted", "Adopted from the toolkit"),
                ],
                default="console",
                editable=False,
                max_length=16,
                verbose_name="managed by",
            ),
        ),
        migrations.AddField(
            model_name="machineclient",
            name="owning_group",
            field=models.ForeignKey(
                blank=True,
                help_text="Everyone in the group can manage it too. Recommended for production.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="auth.group",
                verbose_name="owning group",
            ),
        ),
        migrations.AddField(
            model_name="scope",
            name="restricted",
            field=models.BooleanField(
                default=False,
                help_text="Only who may grant restricted scopes can give it to a client.",
                verbose_name="restricted",
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
                    ("client_adopted", "Application adopted"),
                    ("adoption_reverted", "Adoption reverted"),
                    ("action_denied", "Action denied"),
                    ("credential_identified", "Credential or reference identified"),
                    ("token_tested", "Test request sent"),
                    ("audit_pruned", "Old audit events removed"),
                ],
                editable=False,
                max_length=40,
                verbose_name="event",
            ),
        ),
        migrations.AlterField(
            model_name="clientsecret",
            name="digest",
            field=models.CharField(
                editable=False,
                help_text="How it was digested, then the digest: sha256$… or, adopted, toolkit$…",
                max_length=255,
                unique=True,
                verbose_name="digest",
            ),
        ),
        migrations.AddConstraint(
            model_name="clientsecret",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("digest__startswith", "sha256$"),
                    ("digest__startswith", "toolkit$"),
                    _connector="OR",
                ),
                name="django_cc_secret_is_digested",
            ),
        ),
    ]
