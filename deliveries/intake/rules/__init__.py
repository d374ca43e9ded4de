"""What a schema can't say of a bundle, in the order of reference 2; each raises BundleError.

A run and a rehearsal go the same way: authenticate, check_active, check_ids, wanted_files and check_present,
check_meaning, then loading (refused_rows, noted_rows) and judge_nobody for the filters.
"""

from deliveries.intake.rules.access import authenticate as authenticate
from deliveries.intake.rules.access import check_active as check_active
from deliveries.intake.rules.access import check_still as check_still
from deliveries.intake.rules.files import check_present as check_present
from deliveries.intake.rules.files import wanted_files as wanted_files
from deliveries.intake.rules.meaning import check_meaning as check_meaning
from deliveries.intake.rules.people import bad_rows_of as bad_rows_of
from deliveries.intake.rules.people import imagined as imagined
from deliveries.intake.rules.people import judge_nobody as judge_nobody
from deliveries.intake.rules.people import noted_rows as noted_rows
from deliveries.intake.rules.people import refused_rows as refused_rows
from deliveries.intake.rules.people import tolerates as tolerates
from deliveries.intake.rules.people import without_bad_test as without_bad_test
from deliveries.intake.rules.plan import Audience as Audience
from deliveries.intake.rules.plan import Plan as Plan
from deliveries.intake.rules.plan import Report as Report
from deliveries.intake.rules.references import References as References
from deliveries.intake.rules.references import check_ids as check_ids
from deliveries.intake.rules.sentences import SENTENCES as SENTENCES
from deliveries.intake.rules.sources import inline as inline
