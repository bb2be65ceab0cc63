"""A Node that is already on this machine, and the npm packages that tests pin."""

import fcntl
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.services.service import Service, ServiceMissingError

MISSING = (
    "No Node with npm: install Debian's `nodejs` and `npm`, version 20 or newer, or put another "
    "on PATH."
)
_OLDEST = 20
_INSTALL = (
    *("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"),
    # Without a network it must say so soon.
    *("--fetch-retries=0", "--fetch-timeout=20000", "--loglevel=error"),
)


def node() -> Service:
    """Return the Node on PATH.

    Raises:
        ServiceMissingError: there is none, it is too old, or it comes without npm.
        pytest.UsageError: it does not run.
    """
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        raise ServiceMissingError(MISSING)
    try:
        answer = subprocess.run([found, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        message = f"Node does not run: {error}"
        raise pytest.UsageError(message) from error
    version = answer.stdout.strip()
    if int(version.lstrip("v").partition(".")[0]) < _OLDEST:
        raise ServiceMissingError(MISSING)
    return Service(found, f"Node {version} at {found}")


def install_packages(folder: Path) -> None:
    """Have the packages that `package.json` in `folder` pins in `node_modules` beside it.

    Whoever else installs there at the same time is waited for. What is there already is left
    alone, and then nothing goes over the network.

    Raises:
        ServiceMissingError: npm cannot get them.
    """
    wanted = json.loads((folder / "package.json").read_text())["dependencies"]
    with (folder / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _has_installed(wanted, folder):
            return
        ran = subprocess.run(_INSTALL, cwd=folder, capture_output=True, text=True, check=False)
        if ran.returncode != 0 or not _has_installed(wanted, folder):
            reason = next(iter(ran.stderr.splitlines()), "it does not say why")
            raise ServiceMissingError(f"npm cannot install {', '.join(wanted)}: {reason}")


def _has_installed(wanted: dict[str, str], folder: Path) -> bool:
    found = folder.glob("node_modules/*/package.json")
    documents = [json.loads(path.read_text()) for path in found]
    installed = {document["name"]: document["version"] for document in documents}
    return wanted.items() <= installed.items()
