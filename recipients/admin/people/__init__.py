"""People and clients' systems of an account, and how they come in."""

from recipients.admin.people import memberships as memberships
from recipients.admin.people import users as users
