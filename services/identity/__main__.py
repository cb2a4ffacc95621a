"""``python -m services.identity``: the runner patches eventlet before anything else of ours."""

from services.kit.runner import run

if __name__ == "__main__":
    run("services.identity.service:IdentityService", "services.identity.settings:Settings")
