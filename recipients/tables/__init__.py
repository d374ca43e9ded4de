"""A user database's table: create, alter, read (reference 3.1)."""

from recipients.tables.columns import Column as Column
from recipients.tables.columns import address_column as address_column
from recipients.tables.columns import code_column as code_column
from recipients.tables.columns import columns as columns
from recipients.tables.columns import identifier as identifier
from recipients.tables.everywhere import PersonRow as PersonRow
from recipients.tables.everywhere import addresses_beginning as addresses_beginning
from recipients.tables.everywhere import rows_of_address as rows_of_address
from recipients.tables.rows import Size as Size
from recipients.tables.rows import find_people as find_people
from recipients.tables.rows import next_people as next_people
from recipients.tables.rows import read_names as read_names
from recipients.tables.rows import read_values as read_values
from recipients.tables.rows import sizes as sizes
from recipients.tables.structure import add_fields as add_fields
from recipients.tables.structure import check_names as check_names
from recipients.tables.structure import create as create
from recipients.tables.structure import drop as drop
from recipients.tables.structure import drop_field as drop_field
from recipients.tables.structure import rename_field as rename_field
