"""What this app says of bundles, messages, spaces, runs and deliveries: the catalogue's sentences by family."""

from deliveries.sentences import bundles, content, instructions, notes, runs, sending, settings, spaces
from recipients.faults import register

for _family in (instructions, bundles, content, notes, spaces, runs, sending, settings):
    register(_family.SENTENCES)
