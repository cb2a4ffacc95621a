"""The words of notifications, shown with sample facts."""

from services.contracts.operations.notify import templates as ops
from services.notify import domain
from services.notify.domain import samples


def list_templates(
    cmd: ops.ListNotificationTemplates, language: domain.Language
) -> ops.NotificationTemplates:
    """All words, or those of one kind, in both languages; the reasons in the reader's own."""
    return ops.NotificationTemplates(
        items=[
            ops.NotificationTemplate(
                kind=kind,
                variant=variant,
                zh=_text(samples.sample(kind, variant, "zh")),
                en=_text(samples.sample(kind, variant, "en")),
                reasons=list(samples.reasons(kind, variant, language)),
            )
            for kind, variant in samples.known()
            if cmd.kind in (None, kind)
        ]
    )


def _text(said: samples.Sample) -> ops.TemplateText:
    return ops.TemplateText(title=said.words.title, body=said.words.body, short=said.short)
