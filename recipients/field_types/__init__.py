"""The types that a field of a database may have: all that differs by type, in one table (reference 3.1)."""

from recipients.field_types.cells import ValueFault as ValueFault
from recipients.field_types.cells import has_offset as has_offset
from recipients.field_types.table import FIELD_TYPES as FIELD_TYPES
from recipients.field_types.table import FieldTypeRow as FieldTypeRow
from recipients.field_types.table import converters as converters
from recipients.field_types.table import typed as typed
