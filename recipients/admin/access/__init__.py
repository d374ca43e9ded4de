"""Who may see and do what: only the accounts that one belongs to, and "not yours" is "does not exist"."""

from recipients.admin.access.forms import OneAccountForm as OneAccountForm
from recipients.admin.access.forms import account_id_of as account_id_of
from recipients.admin.access.lookups import ListedLookups as ListedLookups
from recipients.admin.access.members import ACCOUNT_ADMINS as ACCOUNT_ADMINS
from recipients.admin.access.members import CHOSEN as CHOSEN
from recipients.admin.access.members import NOBODY as NOBODY
from recipients.admin.access.members import OPERATORS as OPERATORS
from recipients.admin.access.members import READERS as READERS
from recipients.admin.access.members import accounts_of as accounts_of
from recipients.admin.access.members import chosen_account as chosen_account
from recipients.admin.access.members import is_platform as is_platform
from recipients.admin.access.members import may as may
from recipients.admin.access.members import may_choose_from as may_choose_from
from recipients.admin.access.members import may_see_people as may_see_people
from recipients.admin.access.members import memberships as memberships
from recipients.admin.access.members import where_people_show as where_people_show
from recipients.admin.access.pages import AccountScopedAdmin as AccountScopedAdmin
from recipients.admin.access.pages import ScopedRelatedFilter as ScopedRelatedFilter
