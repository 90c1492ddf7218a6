"""Secrets that must turn up nowhere: each is a text that nothing else contains."""

WEB_TOKEN = "canary-web-token-Qx7"
DATABASE_PASSWORD = "canary-database-password-Zp3"
WEBHOOK_TOKEN = "canary-webhook-token-Hb9_" + "x" * 43
KAFKA_PASSWORD = "canary-kafka-password-Tr5"
WEBHOOK = f"https://discord.com/api/webhooks/1234567890/{WEBHOOK_TOKEN}"

CANARIES = (WEB_TOKEN, DATABASE_PASSWORD, WEBHOOK_TOKEN, KAFKA_PASSWORD)


def found_in(text: str) -> list[str]:
    """The canaries that the text holds."""
    return [canary for canary in CANARIES if canary in text]
