"""Ask a project of its own, in a process of its own, what it does."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def probe_project(project: str, code: str, **environment: str) -> Any:
    """Run `code` under the settings `tests.projects.<project>`; return the JSON it prints.

    `environment` is added to that of this process.
    """
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": f"tests.projects.{project}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
