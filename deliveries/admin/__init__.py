"""The campaign area: it declares and delegates, services act."""

from django.contrib import admin
from django_q.models import Failure, OrmQ, Schedule, Success

from deliveries.admin import activity as activity
from deliveries.admin import databases as databases
from deliveries.admin import deliveries as deliveries
from deliveries.admin import filters as filters
from deliveries.admin import newsletters as newsletters
from deliveries.admin import runs as runs
from deliveries.admin import spaces as spaces
from recipients.admin import journal

journal.kept_by(activity.keep)

# The queue only rings; what happened stands in runs and deliveries.
for _model in (Failure, OrmQ, Schedule, Success):
    admin.site.unregister(_model)
