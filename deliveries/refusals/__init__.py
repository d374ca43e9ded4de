"""What a refusal means, at SMTP time and in a bounce that comes later (reference 6, bounce categories). Pure."""

from deliveries.refusals.categories import HARD as HARD
from deliveries.refusals.categories import NAMES as NAMES
from deliveries.refusals.categories import Category as Category
from deliveries.refusals.classify import Refusal as Refusal
from deliveries.refusals.classify import classify as classify
from deliveries.refusals.cleaning import MOST_TEXT as MOST_TEXT
from deliveries.refusals.cleaning import clean as clean
from deliveries.refusals.enhanced import find_enhanced as find_enhanced
from deliveries.refusals.enhanced import says_something as says_something
