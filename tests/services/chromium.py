"""A Chromium that is already on this machine; none is downloaded."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

from tests.services.service import Service, ServiceMissingError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "No Chromium: install Debian's `chromium` and `fonts-dejavu-core`, or run "
    "`uv run playwright install chromium`, or set DJANGO_CC_TEST_CHROMIUM to its path."
)
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> Service:
    """Return the browser of `DJANGO_CC_TEST_CHROMIUM`, else on PATH, else Playwright's own.

    Raises:
        ServiceMissingError: there is none.
        pytest.UsageError: the browser that was asked for does not run.
    """
    if named := os.environ.get("DJANGO_CC_TEST_CHROMIUM"):
        return Service(named, f"{_version(named)} of DJANGO_CC_TEST_CHROMIUM")
    for found in (*map(shutil.which, NAMES), _of_playwright()):
        if found is not None:
            return Service(found, f"{_version(found)} at {found}")
    raise ServiceMissingError(MISSING)


def launch_arguments() -> list[str]:
    """Return the command-line arguments that every test's browser gets."""
    # Chromium's sandbox refuses root; the pages are our own.
    return [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def _of_playwright() -> str | None:
    try:
        with sync_playwright() as playwright:
            path = playwright.chromium.executable_path
    except PlaywrightError:
        return None
    return path if Path(path).exists() else None


def _version(executable: str) -> str:
    try:
        answer = subprocess.run(
            [executable, "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        message = f"Chromium does not run: {error}"
        raise pytest.UsageError(message) from error
    return answer.stdout.strip()
