"""Tests of the shop, for a run with its settings."""

from django.conf import settings

if not settings.ROOT_URLCONF.startswith("tests.projects.shop."):
    collect_ignore_glob = ["test_*.py"]
