"""What newsletters and spaces may be set to: one definition for the admin's forms and for provisioning."""

from deliveries.configuring.newsletters import judge_newsletter as judge_newsletter
from deliveries.configuring.spaces import judge_space as judge_space
from deliveries.configuring.verdict import Verdict as Verdict
