"""Every page below a machine client; a new one takes its place in these lists."""

from typing import Final

from django_cc.console.clients.access.removal import RemoveAccessPage
from django_cc.console.clients.access.tab import AccessTab
from django_cc.console.clients.activity_tab import ActivityTab
from django_cc.console.clients.adopt_page import AdoptPage
from django_cc.console.clients.client_page import Tab
from django_cc.console.clients.credentials.credentials_tab import CredentialsTab
from django_cc.console.clients.credentials.pages import CREDENTIAL_ACTS
from django_cc.console.clients.ending_pages import DeletePage, RevokeTokensPage
from django_cc.console.clients.identify_page import IdentifyPage
from django_cc.console.clients.limits_tab import LimitsTab
from django_cc.console.clients.replacement_page import ReplaceSecretPage
from django_cc.console.clients.state_pages import DisablePage, EnablePage
from django_cc.console.clients.tokens_tab import TokensTab
from django_cc.console.clients.try_tab import TryTab
from django_cc.console.site.pages import ConsolePage

# After the overview, which is the admin's own change page; in the order of the navigation.
TABS: Final[tuple[type[Tab], ...]] = (
    CredentialsTab,
    AccessTab,
    LimitsTab,
    TokensTab,
    TryTab,
    ActivityTab,
)

ACTS: Final[tuple[type[ConsolePage], ...]] = (
    DisablePage,
    EnablePage,
    RevokeTokensPage,
    DeletePage,
    ReplaceSecretPage,
    RemoveAccessPage,
    IdentifyPage,
    AdoptPage,
    *CREDENTIAL_ACTS,
)
