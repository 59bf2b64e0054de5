"""The built-in German texts to customers, by the names of the English ones; a company overrides them in config/texts/de.yaml."""

from __future__ import annotations

from collections.abc import Mapping

CUSTOMER: Mapping[str, str] = {
    "received": "{company}: Ihr Notfall ist da, Fall {case}. Wir rufen jetzt unseren Bereitschaftsdienst.[ Ein Mensch meldet sich bis {due} bei Ihnen.]",
    "nobody_yet": "{company}: Ihr Notfall ist erfasst, Fall {case}. Wir haben noch niemanden erreicht und versuchen es weiter."
    "[ Bis {due} soll sich ein Mensch melden.]",
    "taken": "{company} {case}: {holder} hat Ihren Fall[ und meldet sich bis {due} bei Ihnen].",
    "late": "{company} {case}: Wir haben Sie nicht rechtzeitig erreicht. Das tut uns leid. Wir rufen jetzt {next}. Neue Zeit: {due}.",
    "late_held": "{company} {case}: Wir haben Sie nicht rechtzeitig erreicht. Das tut uns leid. {holder} hat Ihren Fall[; {next} ist informiert]."
    " Neue Zeit: {due}.",
    "exhausted": "{company} {case}: Noch hat uns niemand geantwortet. Wir versuchen es weiter und rufen mehr Leute an.[ Neue Nachricht bis {due}.]",
    "resolved": "{company} {case}: {by} hat Ihren Fall geschlossen ({since}). Noch kaputt? Antworten Sie ERNEUT, und wir wecken wieder jemanden.",
    "waiting": "{company}: Fall {case} notiert. Er kann wohl warten, bis wir öffnen ({opening})[; wir melden uns bis {due}]."
    " Eilt es? Antworten Sie DRINGEND, und wir wecken jemanden.",
    "can_wait": "{company} {case}: {by} sagt, Ihr Fall kann warten, bis wir öffnen ({opening}). Eilt es? Antworten Sie DRINGEND, und wir wecken jemanden.",
    "sooner": "{company} {case}: Ihr Fall ist für uns jetzt dringender.[ {holder} hat ihn und meldet sich bis {due} bei Ihnen.]",
    "declined": "{company}: Fall {case} notiert, aber außerhalb der Bürozeiten bearbeiten wir das nicht. Ausfall? Antworten Sie DRINGEND, und wir wecken jemanden.",
    "update": "{company} {case}: {words}[ Neue Nachricht bis {update}.]",
    "no_news": "{company} {case}: Wir schulden Ihnen jetzt eine Nachricht und haben leider noch nichts Neues.[ {holder} hat Ihren Fall.]"
    " Neue Nachricht bis {update}.",
    "survey": "{company} {case}: Wie haben wir Ihren Fall von {since} bearbeitet? Antworten Sie 1 (schlecht) bis 5 (sehr gut). Keine Fragen mehr: NOMORE.",
    "survey_low": "{company} {case}: Danke. Es tut uns leid, dass es nicht gut war. Ein Mensch geht jeder 1 und 2 nach. Rückruf? Antworten Sie ANRUF.",
    "survey_call": "{company} {case}: Notiert, dass Sie einen Rückruf wollen. Wer dem nachgeht, liest das.",
    "survey_stopped": "{company}: Keine Fragen mehr an diese Nummer. Bei einem Notfall schreiben wir Ihnen wie bisher.",
    "one_of_us": "Jemand von uns",
    "out_of_scope": "{company}: {case} notiert. Nicht außerhalb der Bürozeiten: {topic}.[ {answer}][ Ein Mensch meldet sich bis {due}.]"
    "[ Wir sehen es uns an: {opening}.] Ausfall? Antworten Sie DRINGEND.",
    "added": "{company}: zu Ihrem offenen Fall {case} hinzugefügt.[ {holder} arbeitet daran.]",
    "duty_manager": "unsere Leitung vom Dienst",
    "next_engineer": "die nächste Fachkraft",
    "weekdays": "Mo Di Mi Do Fr Sa So",
    "months": "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez",
}
