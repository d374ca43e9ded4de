"""What this app says of lists, addresses, databases and filters: the catalogue's sentences by family."""

from recipients.faults import register
from recipients.sentences import addresses, by_hand, filters, kinds, lists, structure, zips

for _family in (addresses, by_hand, filters, kinds, lists, structure, zips):
    register(_family.SENTENCES)
