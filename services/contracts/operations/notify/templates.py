"""The words of notifications, to look at before anybody gets them."""

from services.contracts.actor import Role
from services.contracts.operations.base import Command, Id, Operation, View, holders


class ListNotificationTemplates(Command):
    """The words of all notifications, or of one kind."""

    kind: Id | None = None


class TemplateText(View):
    """A notification in one language, with sample facts.

    ``title`` and ``body`` as the inbox shows them; ``short`` as a push or an SMS says it, at most
    70 characters.
    """

    title: str
    body: str
    short: str


class NotificationTemplate(View):
    """The words of one kind of news in one of its variants, and for which reasons it is told."""

    kind: str
    variant: str
    zh: TemplateText
    en: TemplateText
    reasons: list[str]


class NotificationTemplates(View):
    """The templates, by kind and variant."""

    items: list[NotificationTemplate]


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listNotificationTemplates", "GET /ops/notification-templates", service="notify",
        who=holders(Role.TOWN_ADMIN, Role.DISTRICT_ADMIN), command=ListNotificationTemplates,
        result=NotificationTemplates, summary="The words of notifications, with sample facts",
    ),
)  # fmt: skip
