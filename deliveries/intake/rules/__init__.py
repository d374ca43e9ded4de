"""What a schema can't say of a bundle, in the order of reference 2; each raises BundleError.

A run (intake/runs/process.py) and a rehearsal go the same way: authenticate, check_active, check_ids, wanted_files
and check_present, check_meaning, then load_sources and count_filters, to which each hands its own loading.
"""

from deliveries.intake.rules.access import authenticate as authenticate
from deliveries.intake.rules.access import check_active as check_active
from deliveries.intake.rules.access import check_still as check_still
from deliveries.intake.rules.audiences import count_filters as count_filters
from deliveries.intake.rules.audiences import load_sources as load_sources
from deliveries.intake.rules.audiences import people_of_filter as people_of_filter
from deliveries.intake.rules.audiences import row_warnings as row_warnings
from deliveries.intake.rules.audiences import unsaved_delivery as unsaved_delivery
from deliveries.intake.rules.files import check_present as check_present
from deliveries.intake.rules.files import check_size as check_size
from deliveries.intake.rules.files import wanted_files as wanted_files
from deliveries.intake.rules.meaning import check_meaning as check_meaning
from deliveries.intake.rules.plan import Audience as Audience
from deliveries.intake.rules.plan import Plan as Plan
from deliveries.intake.rules.plan import Report as Report
from deliveries.intake.rules.references import References as References
from deliveries.intake.rules.references import check_ids as check_ids
from deliveries.intake.rules.sources import inline as inline
