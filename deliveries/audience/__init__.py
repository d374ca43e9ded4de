"""Who gets a delivery: conditions by behaviour, exclusions, the freeze (reference 3.5, 5.2)."""

from deliveries.audience.by_hand import combine as combine
from deliveries.audience.by_hand import forget_unused as forget_unused
from deliveries.audience.by_hand import load_list as load_list
from deliveries.audience.by_hand import new_filter as new_filter
from deliveries.audience.expected import Expected as Expected
from deliveries.audience.expected import expected as expected
from deliveries.audience.filters import archive_filter as archive_filter
from deliveries.audience.filters import check_filter as check_filter
from deliveries.audience.filters import count_conditions as count_conditions
from deliveries.audience.filters import delete_filter as delete_filter
from deliveries.audience.filters import filter_used_by as filter_used_by
from deliveries.audience.filters import going_out as going_out
from deliveries.audience.filters import refuse_while_sending as refuse_while_sending
from deliveries.audience.freezing import freeze as freeze
from deliveries.audience.importing import import_people as import_people
from deliveries.audience.selection import count as count
from deliveries.audience.selection import predicate as predicate
from deliveries.audience.selection import sample as sample
