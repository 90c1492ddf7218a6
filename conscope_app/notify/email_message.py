"""What an announcement looks like in a mailbox: the same in plain text and in HTML."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from jinja2 import Environment

from conscope_app.alerting.watches.announcement import URL, Announcement
from conscope_app.notify.announcement_wording import (
    details,
    footer,
    headline,
    plain_text,
    title,
)
from conscope_app.notify.listing_url import linkable

# What nobody reads any further; the subject says how many there are.
MOST_SHOWN = 50
_SUBJECT = 200

# In the way of mail: no styles but on the elements, nothing to fetch, nothing to run.
_HTML = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{{ headline }}</title></head>
<body style="font-family: sans-serif; color: #222222">
{% for line in lines %}
<h2 style="font-size: 18px; margin: 24px 0 8px">{{ line.title }}</h2>
<table role="presentation" style="border-collapse: collapse">
{% for word, value in line.details %}
<tr><td style="padding: 2px 16px 2px 0; color: #595959">{{ word }}</td><td>{{ value }}</td></tr>
{% endfor %}
</table>
{% if line.url %}
<p><a href="{{ line.url }}">See the offer</a></p>
{% endif %}
{% endfor %}
{% if more %}
<p>And {{ more }} more.</p>
{% endif %}
<p style="font-size: 12px; color: #595959">{{ footer }}</p>
</body>
</html>
"""
)


def email_of(
    announcement: Announcement, *, sender: str, recipient: str, domain: str, at: datetime
) -> EmailMessage:
    """The whole message, in ASCII. The same words have the same Message-ID; others of the same
    message follow it, so that mail programs show them as one conversation.
    """
    email = EmailMessage(policy=SMTP)
    email["From"] = sender
    email["To"] = recipient
    email["Subject"] = headline(announcement)[:_SUBJECT]
    email["Date"] = format_datetime(at)
    email["Message-ID"] = f"<{announcement.words}@{domain}>"
    if not announcement.is_new:
        email["In-Reply-To"] = email["References"] = f"<{announcement.message}@{domain}>"
    # So that no absence note comes back.
    email["Auto-Submitted"] = "auto-generated"
    email.set_content(plain_text(announcement, most=MOST_SHOWN), cte="quoted-printable")
    email.add_alternative(_html(announcement), subtype="html", cte="quoted-printable")
    return email


def _html(announcement: Announcement) -> str:
    lines = [
        {
            "title": title(line, announcement),
            "details": list(details(line)),
            "url": linkable(line.facts.get(URL)),
        }
        for line in announcement.lines[:MOST_SHOWN]
    ]
    more = max(0, len(announcement.lines) - MOST_SHOWN)
    return _HTML.render(
        headline=headline(announcement), lines=lines, more=more, footer=footer(announcement)
    )
