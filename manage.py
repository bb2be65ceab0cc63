#!/usr/bin/env python
"""Django's command line for example_project; `manage.py demo` shows django_cc at work."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    """Run a management command of example_project."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")
    if sys.argv[1:2] == ["demo"]:
        from example_project.demo.environment import prepare_environment

        prepare_environment(sys.argv[2:])
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
