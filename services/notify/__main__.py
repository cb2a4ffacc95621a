"""``python -m services.notify``."""

from services.kit.runner import run

if __name__ == "__main__":
    run("services.notify.service:NotifyService", "services.notify.settings:Settings")
