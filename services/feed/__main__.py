"""``python -m services.feed``: one process of the service."""

from services.kit.runner import run

run("services.feed.service:FeedService", "services.feed.settings:Settings")
