"""The campaign area: it declares and delegates, services act."""

import django_q.admin  # noqa: F401  registers what is taken back below, whichever of the two is asked for first
from django.contrib import admin
from django_q.models import Failure, OrmQ, Schedule, Success

from deliveries.admin.databases import structure as structure
from deliveries.admin.deliveries import delivery_admin as delivery_admin
from deliveries.admin.downloads import download_admin as download_admin
from deliveries.admin.filters import filter_admin as filter_admin
from deliveries.admin.newsletters import domain_admin as domain_admin
from deliveries.admin.newsletters import newsletter_admin as newsletter_admin
from deliveries.admin.runs import run_admin as run_admin
from deliveries.admin.shell import activity as activity
from deliveries.admin.shell import finding
from deliveries.admin.spaces import space_admin as space_admin

# The queue only says that something is due; what happened is kept in runs and deliveries.
for _model in (Failure, OrmQ, Schedule, Success):
    admin.site.unregister(_model)

admin.site.search = finding.of_pages_that_are_there(admin.site.search)  # type: ignore[attr-defined]  # Unfold's site
