"""The test case that the toolkit's test modules derive from: here everything is in one database."""

from django.test import TestCase


class OAuth2ProviderTestCase(TestCase):
    """A plain test case."""
