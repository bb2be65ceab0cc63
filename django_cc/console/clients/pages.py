"""Every page below a machine client; a new one takes its place in these lists."""

from typing import Final

from django_cc.console.clients.client_page import ClientPage, Tab
from django_cc.console.clients.credentials.credentials_tab import CredentialsTab
from django_cc.console.clients.credentials.pages import CREDENTIAL_ACTS
from django_cc.console.clients.replacement_page import ReplaceSecretPage
from django_cc.console.clients.state_pages import DisablePage, EnablePage

# After the overview, which is the admin's own change page; in the order of the navigation.
TABS: Final[tuple[type[Tab], ...]] = (CredentialsTab,)

ACTS: Final[tuple[type[ClientPage], ...]] = (
    DisablePage,
    EnablePage,
    ReplaceSecretPage,
    *CREDENTIAL_ACTS,
)
