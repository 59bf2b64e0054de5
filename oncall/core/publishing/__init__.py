"""PUBLISHES the policy: the handbook becomes a document of plain sentences, printed in every form and known by a hash of its content."""

from oncall.core.publishing.choices import Choice, choices
from oncall.core.publishing.composing import compose
from oncall.core.publishing.document import NO_WAYS, Document, Ways, mark_in, texts_of
from oncall.core.publishing.now import said_now
from oncall.core.publishing.wording import languages, missing

__all__ = ["NO_WAYS", "Choice", "Document", "Ways", "choices", "compose", "languages", "mark_in", "missing", "said_now", "texts_of"]
