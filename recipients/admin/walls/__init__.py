"""Walls between accounts: whoever looks sees the accounts they belong to, and "not yours" is "does not exist"."""

from recipients.admin.walls.forms import OneAccountForm as OneAccountForm
from recipients.admin.walls.forms import account_id_of as account_id_of
from recipients.admin.walls.lookups import ListedLookups as ListedLookups
from recipients.admin.walls.members import ACTORS as ACTORS
from recipients.admin.walls.members import CHOSEN as CHOSEN
from recipients.admin.walls.members import KEEPERS as KEEPERS
from recipients.admin.walls.members import NOBODY as NOBODY
from recipients.admin.walls.members import READERS as READERS
from recipients.admin.walls.members import accounts_of as accounts_of
from recipients.admin.walls.members import chosen_account as chosen_account
from recipients.admin.walls.members import is_platform as is_platform
from recipients.admin.walls.members import may as may
from recipients.admin.walls.members import may_choose_from as may_choose_from
from recipients.admin.walls.members import may_see_people as may_see_people
from recipients.admin.walls.members import memberships as memberships
from recipients.admin.walls.pages import ScopedRelatedFilter as ScopedRelatedFilter
from recipients.admin.walls.pages import Walled as Walled
