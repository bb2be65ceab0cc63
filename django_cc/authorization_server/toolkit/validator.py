"""The toolkit's validator, beside machine clients: for `OAUTH2_PROVIDER["OAUTH2_VALIDATOR_CLASS"]`.

The toolkit imports it by its dotted path; nothing of ours does.
"""

from oauth2_provider import oauth2_validators

from django_cc.authorization_server.toolkit.validator_mixin import MachineClientsMixin


class OAuth2Validator(MachineClientsMixin, oauth2_validators.OAuth2Validator):
    """The toolkit's own validator, to which machine clients are unknown."""
