"""Settings of the pages: what Django has to know. The station's own settings come from its file
(settings.station).

Everything here is one of three kinds: what is installed, where it is kept, and how tightly it is closed.
Only `web` reads these values; other rooms are handed what they need.
"""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF

from tillwright.settings.routers import SESSIONS, STATION
from tillwright.settings.secret import station_secret
from tillwright.settings.station import station_from_environment

PACKAGE = Path(__file__).resolve().parent.parent

TILLWRIGHT = station_from_environment()

# --- what is installed ------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "tillwright.journal",
    "tillwright.people",
    "tillwright.web",
    "tillwright.till",
    "tillwright.faults",
    "tillwright.demo",
    "tillwright.settings",
]

MIDDLEWARE = [
    "tillwright.web.middleware.ServerTime",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "tillwright.web.middleware.Faults",
    "tillwright.web.middleware.OneSession",
    "tillwright.web.middleware.SignInFirst",
]

ROOT_URLCONF = "tillwright.settings.urls"
WSGI_APPLICATION = "tillwright.settings.wsgi.application"
DEBUG = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS: list[str] = []

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "tillwright.web.templatetags.tillwright",
                "django.templatetags.i18n",
                "django.templatetags.static",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "tillwright.web.context.page",
            ],
        },
    }
]

# --- where things are kept --------------------------------------------------------------------------------

DATABASES = {
    STATION: {
        "ENGINE": "tillwright.settings.database",
        "NAME": str(TILLWRIGHT.database),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"reads_only": True},
    },
    SESSIONS: {
        "ENGINE": "tillwright.settings.database",
        "NAME": str(TILLWRIGHT.sessions_database),
        "CONN_MAX_AGE": None,
    },
}
DATABASE_ROUTERS = ["tillwright.settings.routers.StationRouter"]

STATIC_URL = "/static/"
STATIC_ROOT = str(TILLWRIGHT.static)
STORAGES = {"staticfiles": {"BACKEND": "tillwright.settings.static.HashedFiles"}}
WHITENOISE_MAX_AGE = 3600
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- people and languages ---------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["tillwright.people.backend.PinBackend"]
PASSWORD_HASHERS = ["tillwright.people.pins.PinHasher"]
LOGIN_URL = "web:sign-in"

LANGUAGES = [("en", "English"), ("vi", "Tiếng Việt"), ("ru", "Русский"), ("zh-hans", "简体中文")]
LANGUAGE_CODE = {"zh": "zh-hans"}.get(TILLWRIGHT.languages[0], TILLWRIGHT.languages[0])
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 400 * 86_400
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = TILLWRIGHT.https
LOCALE_PATHS = [str(PACKAGE / "web" / "locale")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- how tightly it is closed -----------------------------------------------------------------------------

SECRET_KEY = station_secret(TILLWRIGHT.folder)
ALLOWED_HOSTS = list(TILLWRIGHT.hosts)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = False

SESSION_COOKIE_NAME = "session"
SESSION_COOKIE_AGE = 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = TILLWRIGHT.https
CSRF_COOKIE_NAME = "csrf"
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = TILLWRIGHT.https
CSRF_FAILURE_VIEW = "tillwright.web.errors.csrf_failed"

DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4_200
APPEND_SLASH = False

# Logs are set up by the process that serves; Django's own loggers hand everything up to it.
LOGGING_CONFIG = None
