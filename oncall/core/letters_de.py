"""The built-in German letters to customers, in the form of the English ones (letters_en); a company overrides them in config/texts/de.yaml."""

from __future__ import annotations

from collections.abc import Mapping

REACH = (
    "Melden Sie es noch einmal dort, wo Sie es gemeldet haben[, oder schreiben Sie eine SMS an {number}], und nennen Sie den Fall {case}. "
    "Antworten auf diese Mail wecken niemanden."
)

LETTERS: Mapping[str, str] = {
    "letter_received": """Ihr Notfall ist da.[ Ein Mensch meldet sich bis {due}]
Ihre Meldung kam um {reported}: {summary}
Wir rufen jetzt unseren Bereitschaftsdienst.
[Ein Mensch meldet sich bis {due}. Meldet sich niemand, hören Sie dann von uns. ]Sobald jemand Ihren Fall hat, erfahren Sie es.
"""
    + REACH,
    "letter_nobody_yet": """Ihr Notfall ist erfasst, aber wir haben noch niemanden erreicht
Ihre Meldung kam um {reported}: {summary}
Wir haben noch niemanden erreicht und versuchen es weiter.
[Bis {due} soll sich ein Mensch melden. Meldet sich niemand, hören Sie dann von uns. ]Sobald jemand Ihren Fall hat, erfahren Sie es.
"""
    + REACH,
    "letter_taken": """{holder} hat Ihren Fall
{holder} hat Ihren Fall um {since} übernommen. Sie meldeten: {summary}
{holder} hat Ihren Fall[ und meldet sich bis {due} bei Ihnen].
[Um {due}, wenn sich bis dahin niemand gemeldet hat. ]Wenn Ihr Fall geschlossen ist, erfahren Sie es.
"""
    + REACH,
    "letter_late": """Wir sind zu spät, das tut uns leid. Neue Zeit: {due}
Wir haben Sie nicht rechtzeitig erreicht. Das tut uns leid. Sie meldeten: {summary}
Wir rufen jetzt {next}.
Neue Zeit: {due}. Meldet sich bis dahin niemand, hören Sie wieder von uns. Sobald jemand Ihren Fall hat, erfahren Sie es.
"""
    + REACH,
    "letter_late_held": """Wir sind zu spät, das tut uns leid. Neue Zeit: {due}
Wir haben Sie nicht rechtzeitig erreicht. Das tut uns leid. Sie meldeten: {summary}
{holder} hat Ihren Fall[; {next} ist informiert].
Neue Zeit: {due}. Meldet sich bis dahin niemand, hören Sie wieder von uns.
"""
    + REACH,
    "letter_exhausted": """Noch hat uns niemand geantwortet, wir versuchen es weiter
Noch hat uns niemand geantwortet. Sie meldeten: {summary}
Wir versuchen es weiter und rufen mehr Leute an.
[Bis {due}. ]Sobald jemand Ihren Fall hat, erfahren Sie es.
"""
    + REACH,
    "letter_resolved": """{by} hat Ihren Fall geschlossen
{by} hat Ihren Fall um {since} geschlossen. Sie hatten gemeldet: {summary}
Niemand arbeitet mehr daran, außer Sie sagen uns, dass es noch kaputt ist.
Keine, außer Sie tun das.
Noch kaputt?[ Schreiben Sie ERNEUT {case} an {number}, und wir wecken wieder jemanden.] """
    + REACH,
    "letter_waiting": """Notiert. Es kann wohl warten, bis wir öffnen: {opening}
Ihre Meldung kam um {reported}: {summary}
Es kann wohl warten, bis wir öffnen ({opening}). Deshalb wird niemand geweckt.
Wenn wir öffnen, {opening}[. Wir melden uns bis {due}].
Eilt es doch?[ Schreiben Sie DRINGEND {case} an {number}, und wir wecken jemanden.] """
    + REACH,
    "letter_can_wait": """{by} sagt, dass Ihr Fall warten kann, bis wir öffnen: {opening}
{by} hat sich Ihren Fall angesehen. Sie meldeten: {summary}
Er kann warten, bis wir öffnen ({opening}). Vorher arbeitet niemand daran.
Wenn wir öffnen, {opening}.
Eilt es doch?[ Schreiben Sie DRINGEND {case} an {number}, und wir wecken jemanden.] """
    + REACH,
    "letter_sooner": """Wir behandeln Ihren Fall jetzt als dringender
Er ist dringender, als wir dachten. Sie meldeten: {summary}
{holder} hat Ihren Fall[ und meldet sich bis {due} bei Ihnen].
[Um {due}, wenn sich bis dahin niemand gemeldet hat. ]Wenn Ihr Fall geschlossen ist, erfahren Sie es.
"""
    + REACH,
    "letter_declined": """Notiert, aber außerhalb der Bürozeiten bearbeiten wir das nicht
Ihre Meldung kam um {reported}: {summary}
Außerhalb der Bürozeiten bearbeiten wir das nicht. Deshalb wird niemand geweckt.
Von selbst keine.
Ist etwas ausgefallen?[ Schreiben Sie DRINGEND {case} an {number}, und wir wecken jemanden.] """
    + REACH,
    "letter_out_of_scope": """Notiert, aber außerhalb der Bürozeiten bearbeiten wir das nicht: {topic}
Ihre Meldung kam um {reported}: {summary}
Außerhalb der Bürozeiten bearbeiten wir nicht: {topic}.[ {answer}] Deshalb wird niemand geweckt.
[Ein Mensch meldet sich bis {due}. ][Wir sehen es uns an: {opening}. ]Sie können immer fragen.
Ist etwas ausgefallen?[ Schreiben Sie DRINGEND {case} an {number}, und wir wecken jemanden.] """
    + REACH,
    "letter_update": """Eine Nachricht zu Ihrem Fall
{words}
Das hat Ihnen ein Mensch geschrieben. Wir fügen nichts hinzu.
[Bis {update}, auch wenn es nichts Neues gibt. ]Sie können immer fragen.
"""
    + REACH,
    "letter_no_news": """Leider noch nichts Neues zu Ihrem Fall
Wir schulden Ihnen jetzt eine Nachricht und haben leider noch nichts Neues. Sie meldeten: {summary}
Ihr Fall ist nicht geschlossen.[ {holder} hat ihn.]
Bis {update}, auch wenn es dann nichts Neues gibt.
"""
    + REACH,
    "letter_added": """Zu Ihrem offenen Fall hinzugefügt
Was Sie geschickt haben, steht jetzt in Ihrem offenen Fall, den Sie um {reported} gemeldet haben: {summary}
Es steht dort für alle, die daran arbeiten.[ {holder} arbeitet daran.]
Wie schon gesagt[: bis {due}].
"""
    + REACH,
    "letter": """Guten Tag[ {name}],

Was wir wissen: {know}

Was wir tun: {do}

Nächste Nachricht: {then}

So erreichen Sie uns: {reach}[

Ihr Fall, und was Sie dazu tun können: {page}][

Was wir außerhalb der Bürozeiten versprechen: {policy}]

{company}, Fall {case}. Geschrieben {written}; Zeiten gelten für {zone}.""",
}
