"""Addresses of Apprise: which kinds are taken, and kept out of every log."""

from urllib.parse import parse_qsl, urlsplit

# Services that reach people, and whose host is their own or is named in the address. Not among
# them: what acts on this machine (syslog, dbus), what sends to any address in any form (json, form,
# xml, apprise), what brings programs along (kodi, mqtt), and what is a kind of its own here
# (discord, mailto).
_WORDS = (
    "46elks bark barks brevo bulksms clickatell clicksend dingtalk feishu flock gchat gotify "
    "gotifys groupme guilded ifttt ilert incidentio join lark line mailersend mailgun mastodon "
    "mastodons matrix matrixs mmost mmosts msg91 msgbird nctalk nctalks notifiarr ntfy ntfys "
    "octopush onesignal opsgenie pagerduty pagertree pbul plivo postmark pover prowl pushed "
    "pushy resend revolt ringc rocket rockets ryver schan sendgrid ses seven signal signals "
    "signl4 simplepush sinch slack sns spike splunk spush squadcast synology synologys telnyx "
    "tgram threema twilio twist viber victorops voipms vonage webex wecombot whatsapp workflow "
    "workflows wxpusher wxteams zoom zulip"
)
KINDS = frozenset(_WORDS.split())

# They would undo what we hold to: certificates are checked, redirects not followed, nothing is
# repeated or waited for by itself, and no file of ours is read.
_OURS = frozenset({"verify", "redirect", "retry", "wait", "store", "template", "keyfile", "attach"})


class BadAppriseAddress(ValueError):
    """The address cannot be used; the message does not repeat it."""


class AppriseAddress:
    """One service and one target of it, as Apprise writes it. Only `reveal` gives it away."""

    def __init__(self, text: str) -> None:
        self._url = _check(text.strip())

    def __repr__(self) -> str:
        return f"AppriseAddress({self.kind})"

    @property
    def kind(self) -> str:
        """The service, in Apprise's word for it."""
        return self._url.partition("://")[0].lower()

    def reveal(self) -> str:
        """The address itself."""
        return self._url


def _check(text: str) -> str:
    kind, found, _ = text.partition("://")
    if not found or kind.lower() not in KINDS:
        raise BadAppriseAddress(f"the address must begin with one of {', '.join(sorted(KINDS))}")
    if not text.isprintable() or " " in text or "," in text:
        raise BadAppriseAddress("the address holds characters that one address does not have")
    try:
        query = urlsplit(text).query
    except ValueError:
        raise BadAppriseAddress("the address cannot be read") from None
    refused = sorted(
        {name.lower().lstrip("+-:") for name, _ in parse_qsl(query, keep_blank_values=True)} & _OURS
    )
    if refused:
        raise BadAppriseAddress(f"the address must not set {', '.join(refused)}")
    return text
