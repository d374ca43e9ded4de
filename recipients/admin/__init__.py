"""Pages of accounts, people and the blacklist; databases and filters stand with deliveries, which use them."""

from django.contrib import admin
from django.contrib.auth.models import Group

from recipients.admin import accounts as accounts
from recipients.admin import blacklist as blacklist

# Rights come from memberships, not from groups of Django's permissions.
admin.site.unregister(Group)
