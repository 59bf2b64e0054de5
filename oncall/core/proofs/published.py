"""What customers read on the policy's page names nobody of the staff."""

from __future__ import annotations

from collections.abc import Iterator

from oncall.core.place import Place
from oncall.core.proofs.ahead import Ahead
from oncall.core.proofs.finding import Finding
from oncall.core.publishing import Ways, compose, languages, texts_of
from oncall.core.publishing.leaks import named_in

FILES = Place(file="config", line=1, column=1)


def names_staff(ahead: Ahead) -> Iterator[Finding]:
    """The published policy gives away a name, a number or an address of the staff. Customers get the role and our own number (policy.md 3.7)."""
    handbook = ahead.handbook
    places = {text: one.place for one in handbook.severities.values() for text in (one.means, *one.examples, *one.counterexamples)}
    places |= {text: one.place for one in handbook.exclusions for text in (one.about, one.answer)}
    written = {text for language in languages(handbook) for text in texts_of(compose(handbook, Ways(), language))}
    found = {(what, places.get(text, FILES)) for text in (*places, *written) for what in named_in(text, handbook)}
    # What stands in a sentence of an exclusion is found in the exclusion itself, which has a place.
    placed = {what for what, place in found if place is not FILES}
    for what, place in sorted(found, key=str):
        if place is not FILES or what not in placed:
            yield Finding(
                code="AH320", severity="error", place=place, what=f"the published policy gives away {what}", hint="say the role, or our office"
            )
