"""The built-in Dutch texts to customers, by the names of the English ones; a company overrides them in config/texts/nl.yaml."""

from __future__ import annotations

from collections.abc import Mapping

CUSTOMER: Mapping[str, str] = {
    "received": "{company}: we hebben uw noodgeval, zaak {case}. We bellen nu onze dienstdoende engineer.[ Een mens neemt uiterlijk {due} contact op.]",
    "nobody_yet": "{company}: uw noodgeval is vastgelegd, zaak {case}. We hebben nog niemand bereikt en blijven het proberen."
    "[ Een mens hoort uiterlijk {due} contact op te nemen.]",
    "taken": "{company} {case}: {holder} heeft uw zaak[ en neemt uiterlijk {due} contact met u op].",
    "late": "{company} {case}: we hebben u niet op tijd bereikt. Dat spijt ons. We bellen nu {next}. Nieuwe tijd: {due}.",
    "late_held": "{company} {case}: we hebben u niet op tijd bereikt. Dat spijt ons. {holder} heeft uw zaak[; {next} is ingelicht]. Nieuwe tijd: {due}.",
    "exhausted": "{company} {case}: nog niemand heeft ons geantwoord. We blijven het proberen en bellen meer mensen.[ Nieuw bericht uiterlijk {due}.]",
    "resolved": "{company} {case}: {by} heeft uw zaak gesloten ({since}). Nog kapot? Antwoord OPNIEUW en we wekken weer een engineer.",
    "waiting": "{company}: zaak {case} genoteerd. Die kan wachten, lijkt het, tot we opengaan ({opening})[; contact uiterlijk {due}]."
    " Haast? Antwoord SPOED en we wekken iemand.",
    "can_wait": "{company} {case}: {by} zegt dat uw zaak kan wachten tot we opengaan ({opening}). Haast? Antwoord SPOED en we wekken iemand.",
    "sooner": "{company} {case}: we behandelen uw zaak nu als dringender.[ {holder} heeft de zaak en neemt uiterlijk {due} contact op.]",
    "declined": "{company}: zaak {case} genoteerd, maar dit doen we niet buiten kantooruren. Ligt er iets plat? Antwoord SPOED en we wekken iemand.",
    "update": "{company} {case}: {words}[ Nieuw bericht uiterlijk {update}.]",
    "no_news": "{company} {case}: we zijn u nu een bericht schuldig en hebben helaas nog geen nieuws.[ {holder} heeft uw zaak.]"
    " Nieuw bericht uiterlijk {update}.",
    "survey": "{company} {case}: hoe hebben we uw zaak van {since} behandeld? Antwoord 1 (slecht) tot 5 (heel goed). Geen vragen meer: NOMORE.",
    "survey_low": "{company} {case}: dank u. Het spijt ons dat het niet goed was. Een mens kijkt naar elke 1 en 2. Gebeld worden? Antwoord BEL.",
    "survey_call": "{company} {case}: genoteerd dat u gebeld wilt worden. Wie ernaar kijkt, leest dat.",
    "survey_stopped": "{company}: geen vragen meer aan dit nummer. Bij een noodgeval sms'en we u als voorheen.",
    "one_of_us": "Iemand van ons",
    "out_of_scope": "{company}: {case} genoteerd. Niet buiten kantooruren: {topic}.[ {answer}][ Contact door een mens uiterlijk {due}.]"
    "[ We kijken ernaar: {opening}.] Ligt er iets plat? Antwoord SPOED.",
    "added": "{company}: toegevoegd aan uw open zaak {case}.[ {holder} werkt eraan.]",
    "duty_manager": "onze leidinggevende van dienst",
    "next_engineer": "de volgende engineer",
    "weekdays": "ma di wo do vr za zo",
    "months": "jan feb mrt apr mei jun jul aug sep okt nov dec",
}
