"""The built-in Dutch letters to customers, in the form of the English ones (letters_en); a company overrides them in config/texts/nl.yaml."""

from __future__ import annotations

from collections.abc import Mapping

REACH = "Meld het opnieuw waar u het hebt gemeld[, of stuur een sms naar {number}], en noem zaak {case}. Antwoorden op deze mail wekken niemand."

LETTERS: Mapping[str, str] = {
    "letter_received": """We hebben uw noodgeval.[ Een mens neemt uiterlijk {due} contact op]
Uw melding kwam om {reported}: {summary}
We bellen nu onze dienstdoende engineer.
[Een mens neemt uiterlijk {due} contact op. Doet niemand dat, dan hoort u dan van ons. ]Zodra iemand uw zaak heeft, hoort u het.
"""
    + REACH,
    "letter_nobody_yet": """Uw noodgeval is vastgelegd, maar we hebben nog niemand bereikt
Uw melding kwam om {reported}: {summary}
We hebben nog niemand bereikt en blijven het proberen.
[Een mens hoort uiterlijk {due} contact op te nemen. Doet niemand dat, dan hoort u dan van ons. ]Zodra iemand uw zaak heeft, hoort u het.
"""
    + REACH,
    "letter_taken": """{holder} heeft uw zaak
{holder} heeft uw zaak om {since} aangenomen. U meldde: {summary}
{holder} heeft uw zaak[ en neemt uiterlijk {due} contact met u op].
[Om {due}, als niemand u dan heeft bereikt. ]Als uw zaak gesloten is, hoort u het.
"""
    + REACH,
    "letter_late": """We zijn te laat, dat spijt ons. Nieuwe tijd: {due}
We hebben u niet op tijd bereikt. Dat spijt ons. U meldde: {summary}
We bellen nu {next}.
Nieuwe tijd: {due}. Neemt dan niemand contact op, dan hoort u weer van ons. Zodra iemand uw zaak heeft, hoort u het.
"""
    + REACH,
    "letter_late_held": """We zijn te laat, dat spijt ons. Nieuwe tijd: {due}
We hebben u niet op tijd bereikt. Dat spijt ons. U meldde: {summary}
{holder} heeft uw zaak[; {next} is ingelicht].
Nieuwe tijd: {due}. Neemt dan niemand contact op, dan hoort u weer van ons.
"""
    + REACH,
    "letter_exhausted": """Nog niemand heeft ons geantwoord, we blijven het proberen
Nog niemand heeft ons geantwoord. U meldde: {summary}
We blijven het proberen en bellen meer mensen.
[Uiterlijk {due}. ]Zodra iemand uw zaak heeft, hoort u het.
"""
    + REACH,
    "letter_resolved": """{by} heeft uw zaak gesloten
{by} heeft uw zaak om {since} gesloten. U had gemeld: {summary}
Niemand werkt er nog aan, tenzij u ons zegt dat het nog kapot is.
Geen, tenzij u dat doet.
Nog kapot?[ Sms OPNIEUW {case} naar {number} en we wekken weer een engineer.] """
    + REACH,
    "letter_waiting": """Genoteerd. Het kan wachten, lijkt het, tot we opengaan: {opening}
Uw melding kwam om {reported}: {summary}
Het kan wachten, lijkt het, tot we opengaan ({opening}). Daarom wordt niemand gewekt.
Als we opengaan, {opening}[. We nemen uiterlijk {due} contact op].
Kan het niet wachten?[ Sms SPOED {case} naar {number} en we wekken iemand.] """
    + REACH,
    "letter_can_wait": """{by} zegt dat uw zaak kan wachten tot we opengaan: {opening}
{by} heeft naar uw zaak gekeken. U meldde: {summary}
Het kan wachten tot we opengaan ({opening}). Tot dan werkt er niemand aan.
Als we opengaan, {opening}.
Kan het niet wachten?[ Sms SPOED {case} naar {number} en we wekken iemand.] """
    + REACH,
    "letter_sooner": """We behandelen uw zaak nu als dringender
Het is dringender dan we dachten. U meldde: {summary}
{holder} heeft uw zaak[ en neemt uiterlijk {due} contact met u op].
[Om {due}, als niemand u dan heeft bereikt. ]Als uw zaak gesloten is, hoort u het.
"""
    + REACH,
    "letter_declined": """Genoteerd, maar dit doen we niet buiten kantooruren
Uw melding kwam om {reported}: {summary}
Dit doen we niet buiten kantooruren. Daarom wordt niemand gewekt.
Van ons uit geen.
Ligt er iets plat?[ Sms SPOED {case} naar {number} en we wekken iemand.] """
    + REACH,
    "letter_out_of_scope": """Genoteerd, maar niet buiten kantooruren: {topic}
Uw melding kwam om {reported}: {summary}
Niet buiten kantooruren: {topic}.[ {answer}] Daarom wordt niemand gewekt.
[Een mens neemt uiterlijk {due} contact op. ][We kijken ernaar: {opening}. ]U kunt altijd vragen.
Ligt er iets plat?[ Sms SPOED {case} naar {number} en we wekken iemand.] """
    + REACH,
    "letter_update": """Een bericht over uw zaak
{words}
Dit heeft een mens u geschreven. Wij voegen er niets aan toe.
[Uiterlijk {update}, ook als er geen nieuws is. ]U kunt altijd vragen.
"""
    + REACH,
    "letter_no_news": """Helaas nog geen nieuws over uw zaak
We zijn u nu een bericht schuldig en hebben helaas nog geen nieuws. U meldde: {summary}
Uw zaak is niet gesloten.[ {holder} heeft die.]
Uiterlijk {update}, ook als er dan geen nieuws is.
"""
    + REACH,
    "letter_added": """Toegevoegd aan uw open zaak
Wat u stuurde, staat nu in uw open zaak, die u om {reported} hebt gemeld: {summary}
Het staat daar voor iedereen die eraan werkt.[ {holder} werkt eraan.]
Zoals we al zeiden[: uiterlijk {due}].
"""
    + REACH,
    "letter": """Goedendag[ {name}],

Wat we weten: {know}

Wat we doen: {do}

Volgend bericht: {then}

Zo bereikt u ons: {reach}[

Uw zaak, en wat u eraan kunt doen: {page}][

Wat we buiten kantooruren beloven: {policy}]

{company}, zaak {case}. Geschreven {written}; tijden zijn die van {zone}.""",
}
