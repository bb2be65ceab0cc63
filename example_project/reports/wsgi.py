"""The WSGI application: `gunicorn example_project.reports.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.reports.settings")

application = get_wsgi_application()
