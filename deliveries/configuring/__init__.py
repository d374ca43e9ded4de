"""What newsletters and spaces may be set to: one definition for the admin's forms and for provisioning."""

from deliveries.configuring.newsletters import validate_newsletter as validate_newsletter
from deliveries.configuring.spaces import validate_space as validate_space
from deliveries.configuring.validation import ValidationResult as ValidationResult
