"""Pages of accounts, people and the blacklist; those of databases, filters and domains are with deliveries."""

from django.contrib import admin
from django.contrib.auth.models import Group
from django_otp.plugins.otp_static import admin as pages_of_codes
from django_otp.plugins.otp_totp import admin as pages_of_apps

from recipients.admin import accounts as accounts
from recipients.admin import blacklist as blacklist
from recipients.admin import people as people
from recipients.admin.logging_in.signing_in import LogInForm

# Rights come from memberships, not from groups of Django's permissions.
admin.site.unregister(Group)
# The library's own pages show anybody's secret to the platform, and tell everybody which device exists.
admin.site.unregister([pages_of_apps.TOTPDevice, pages_of_codes.StaticDevice])

# Not by a setting: the site would read it while it is made, and these pages would be registered with another one.
admin.site.login_form = LogInForm
