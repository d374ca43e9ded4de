"""Pages of accounts, people and the blacklist; databases, filters and domains stand with deliveries."""

from django.contrib import admin
from django.contrib.auth.models import Group

from recipients.admin import accounts as accounts
from recipients.admin import blacklist as blacklist
from recipients.admin import people as people
from recipients.admin.signing_in import LogInForm

# Rights come from memberships, not from groups of Django's permissions.
admin.site.unregister(Group)

# Not by a setting: the site would read it while it is made, and these pages would be registered with another one.
admin.site.login_form = LogInForm
