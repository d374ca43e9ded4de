"""One person of an account: everything held of an address, and what can be done (reference 7, 9)."""

from deliveries.person.acts import blacklist as blacklist
from deliveries.person.acts import unsubscribe as unsubscribe
from deliveries.person.acts import write_again as write_again
from deliveries.person.mail import Mail as Mail
from deliveries.person.mail import mail_of as mail_of
from deliveries.person.standing import Person as Person
from deliveries.person.standing import Standing as Standing
from deliveries.person.standing import standing_of as standing_of
from deliveries.person.timeline import Moment as Moment
from deliveries.person.timeline import timeline as timeline
