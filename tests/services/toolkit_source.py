"""The source distribution of the installed toolkit: what its own tests come in."""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.services.service import ServiceMissingError

PROJECT = "django-oauth-toolkit"
# Its tests are run as code: only what we have looked at.
SHA256 = {"3.4.1": "c4de73c0765eed55a99ea0fa8433b20664dcc1f43930149cff569abed166c5c2"}
SECONDS = 120


def copy_toolkit_tests(modules: tuple[str, ...], folder: Path) -> None:
    """Write these of the toolkit's test modules to `folder`, unmodified.

    The distribution is downloaded once, and kept outside the tree.

    Raises:
        ServiceMissingError: it cannot be had, or is not the one whose checksum we know.
    """
    release = version(PROJECT)
    if release not in SHA256:
        message = f"No checksum is known of the source distribution of {PROJECT} {release}."
        raise ServiceMissingError(message)
    archive = _cache() / f"{release}.tar.gz"
    if not archive.exists():
        _download(release, archive)
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256[release]:
        message = f"{archive} is not the source distribution it should be: remove it."
        raise ServiceMissingError(message)
    with tarfile.open(archive) as tar:
        for name in modules:
            member = f"{PROJECT.replace('-', '_')}-{release}/tests/{name}"
            content = tar.extractfile(member)
            assert content is not None, member
            (folder / name).write_bytes(content.read())


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "django-cc-tests"


def _download(release: str, archive: Path) -> None:
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    archive.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=archive.parent) as folder:
        command = (
            *(uv, "tool", "run", "--python", sys.executable, "pip", "download", "--quiet"),
            *("--no-binary", ":all:", "--no-deps", "--dest", folder, f"{PROJECT}=={release}"),
        )
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=SECONDS)
            [downloaded] = Path(folder).glob("*.tar.gz")
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            said = str(getattr(error, "stderr", None) or error)[-500:]
            message = f"{PROJECT} {release} cannot be downloaded: {said}"
            raise ServiceMissingError(message) from error
        downloaded.replace(archive)
