"""``python -m services.notify.sender``: the sender as a process of its own."""

from services.kit.runner import run

if __name__ == "__main__":
    run(
        "services.notify.sender.service:NotifySenderService",
        "services.notify.sender.settings:Settings",
    )
