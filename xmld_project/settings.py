"""Django's settings, all of them from the environment (docs/reference.md, Environment)."""

from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.utils.translation import gettext_lazy as _

from xmld_project import environment, logs
from xmld_project.environment import BASE_DIR as BASE_DIR
from xmld_project.secret_files import made_once
from xmld_project.standalone import places, run_file
from xmld_project.standalone.postgres import available
from xmld_project.theme import UNFOLD as UNFOLD

django_stubs_ext.monkeypatch()

ENVIRONMENT = environment.read()
STATE_DIR = ENVIRONMENT.state_dir
DEBUG = ENVIRONMENT.debug
DEMO = ENVIRONMENT.demo
SECRET_KEY = ENVIRONMENT.secret_key or made_once(STATE_DIR / "secrets" / "secret_key")
DATA_KEY = ENVIRONMENT.data_key or made_once(STATE_DIR / "secrets" / "data_key")


def _port(name: str, given: int) -> int:
    """Return the port given, or the one that a running product wrote down when any free one was asked for."""
    if given:
        return given
    return int((run_file.read(STATE_DIR / "run.json") or {}).get(name, 0))


def _host(url: str) -> str:
    """Return the host of an address as ALLOWED_HOSTS has it, IPv6 in brackets."""
    host = urlsplit(url).hostname or ""
    return f"[{host}]" if ":" in host else host


WEB_HOST = ENVIRONMENT.web_host
WEB_PORT = _port("web", ENVIRONMENT.web_port)
CATCHER_PORT = _port("smtp", ENVIRONMENT.catcher_port)
SFTP_PORT = _port("sftp", ENVIRONMENT.sftp_port)
PUBLIC_URL = ENVIRONMENT.public_url or f"http://127.0.0.1:{WEB_PORT}"
ADMIN_URL = ENVIRONMENT.admin_url or f"{PUBLIC_URL}/admin"
# Where our own links lead is answered without being named twice.
ALLOWED_HOSTS = list(dict.fromkeys([*ENVIRONMENT.allowed_hosts, *map(_host, (PUBLIC_URL, ADMIN_URL))]))
SMTP_URL = ENVIRONMENT.smtp_url or f"smtp://127.0.0.1:{CATCHER_PORT}"
METRICS_TOKEN = ENVIRONMENT.metrics_token
RELAY_RATE_PER_HOUR = ENVIRONMENT.relay_rate_per_hour
ALLOW_ASYNC_STANDBY = ENVIRONMENT.allow_async_standby
SFTP_SOCKET = places.from_environment(ENVIRONMENT).sftp_socket
RUN_AS = ENVIRONMENT.run_as
DNS_SERVERS = ENVIRONMENT.dns_servers
TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies  # web/proxies.py: what Django sees is checked already
BOUNCE_DOMAIN = ENVIRONMENT.bounce_domain
BOUNCE_CLEAR_DAYS = ENVIRONMENT.bounce_clear_days
BOUNCE_MAILDIR = ENVIRONMENT.bounce_maildir
STOP_SECONDS = ENVIRONMENT.stop_seconds
CONNECTIONS = ENVIRONMENT.connections
UNDO_SECONDS = ENVIRONMENT.undo_seconds
LOCK_RETRY_HOURS = ENVIRONMENT.lock_retry_hours
EMAIL_BACKEND = "deliveries.relay.backend.RelayBackend"
KEEP_BUNDLES_DAYS = ENVIRONMENT.keep_bundles_days
KEEP_ROW_ERRORS_DAYS = ENVIRONMENT.keep_row_errors_days
KEEP_IP_ADDRESSES_DAYS = ENVIRONMENT.keep_ip_addresses_days
KEEP_DOWNLOADS_DAYS = ENVIRONMENT.keep_downloads_days
EXPORT_ROWS = ENVIRONMENT.export_rows
KEEP_EVENTS_MONTHS = ENVIRONMENT.keep_events_months
KEEP_MESSAGES_MONTHS = ENVIRONMENT.keep_messages_months
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.mail_from

INSTALLED_APPS = [
    "unfold",
    "xmld_project.web.area_config.AreaConfig",  # django.contrib.admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_q",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "recipients",
    "deliveries",
    "xmld_project",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "recipients.admin.second_factor.policy.SecondFactorMiddleware",
    "recipients.admin.choosing.AccountMiddleware",
    "recipients.admin.logging_in.throttling.RetryAfterMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "xmld_project.urls"
WSGI_APPLICATION = "xmld_project.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [environment.TEMPLATES],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": available.django_settings(ENVIRONMENT.database_url or available.embedded_url(ENVIRONMENT))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Unfold would keep what a search found for five minutes, whatever the person may see by then; only counts are kept.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
    "counts": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

AUTH_USER_MODEL = "recipients.User"
AUTHENTICATION_BACKENDS = ["recipients.admin.logging_in.signing_in.NameOrEmailBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
CSRF_FAILURE_VIEW = "xmld_project.web.error_pages.form_is_stale"
PASSWORD_RESET_TIMEOUT = 3600  # seconds: the link lies in a mailbox
SECOND_FACTOR_REQUIRED = ENVIRONMENT.second_factor == "required"
OTP_TOTP_ISSUER = "XML Delivery"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"  # the look of the log-in page drops where it should lead

LANGUAGE_CODE = "en"
LANGUAGES = [("it", _("Italian")), ("en", _("English"))]
TIME_ZONE = "UTC"
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "deliveries" / "locale"]  # before what the libraries say for the same word
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = ["xmld_project.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
FILE_UPLOAD_PERMISSIONS = 0o600  # lists hold people
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024**2  # a message of 10 MB in a form (reference: Limits)

# Cookies and redirects are strict as soon as people come by https; the embedded start has plain loopback http.
_HTTPS = urlsplit(PUBLIC_URL).scheme == "https"
SECURE_SSL_REDIRECT = _HTTPS and not ENVIRONMENT.demo
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_AGE = 8 * 3600  # a working day
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
X_FRAME_OPTIONS = "DENY"

# Unfold's Alpine needs eval and writes style attributes (tried in a browser); no inline script is allowed anywhere.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "frame-ancestors": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
    },
}

# Six hours: longer than the longest load. A task is safe to run twice and our rows are the ledger, so a
# task lost with its worker is queued again by the clock, not by the queue.
Q_CLUSTER = {
    "name": "xmld",
    "orm": "default",
    "workers": ENVIRONMENT.workers,
    "queue_limit": ENVIRONMENT.workers,
    "timeout": 21_600,
    "retry": 21_660,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "save_limit": -1,  # of what went well: our rows tell it, and to prune a hundred rows costs more than a task
    "recycle": 200,
    "poll": 0.2,
    "label": "Queue",
}

LOGGING_CONFIG = None
logs.configure(ENVIRONMENT.log_format)
