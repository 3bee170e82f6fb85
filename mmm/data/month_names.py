"""The names of the months: standard forms of the Unicode CLDR, without accents, in small letters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

#: Language → twelve months, each with its forms: genitive, abbreviation, nominative; ``_`` stands for a space.
_LANGUAGES: Mapping[str, str] = {
    "English": "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sep/sept "
    "october/oct november/nov december/dec",
    "German": "januar/jan februar/feb marz/mar/mrz april/apr mai juni/jun juli/jul august/aug september/sept/sep "
    "oktober/okt november/nov dezember/dez",
    "French": "janvier/janv fevrier/fevr/fev mars avril/avr mai juin juillet/juil/juill aout septembre/sept/sep "
    "octobre/oct novembre/nov decembre/dec",
    "Spanish": "enero/ene febrero/feb marzo/mar abril/abr mayo/may junio/jun julio/jul agosto/ago "
    "septiembre/sept/sep/set/setiembre octubre/oct noviembre/nov diciembre/dic",
    "Italian": "gennaio/gen febbraio/feb marzo/mar aprile/apr maggio/mag giugno/giu luglio/lug agosto/ago "
    "settembre/set ottobre/ott novembre/nov dicembre/dic",
    "Portuguese": "janeiro/jan fevereiro/fev marco/mar abril/abr maio/mai junho/jun julho/jul agosto/ago setembro/set "
    "outubro/out novembro/nov dezembro/dez",
    "Dutch": "januari/jan februari/feb maart/mrt april/apr mei juni/jun juli/jul augustus/aug september/sep "
    "oktober/okt november/nov december/dec",
    "Polish": "stycznia/sty/styczen lutego/lut/luty marca/mar/marzec kwietnia/kwi/kwiecien maja/maj "
    "czerwca/cze/czerwiec lipca/lip/lipiec sierpnia/sie/sierpien wrzesnia/wrz/wrzesien "
    "pazdziernika/paz/pazdziernik listopada/lis/listopad grudnia/gru/grudzien",
    "Czech": "ledna/led/leden unora/uno/unor brezna/bre/brezen dubna/dub/duben kvetna/kve/kveten cervna/cvn/cerven "
    "cervence/cvc/cervenec srpna/srp/srpen zari/zar rijna/rij/rijen listopadu/lis/listopad "
    "prosince/pro/prosinec",
    "Slovak": "januara/jan/januar februara/feb/februar marca/mar/marec aprila/apr/april maja/maj juna/jun jula/jul "
    "augusta/aug/august septembra/sep/september oktobra/okt/oktober novembra/nov/november "
    "decembra/dec/december",
    "Hungarian": "januar/jan februar/febr/feb marcius/marc aprilis/apr majus/maj junius/jun julius/jul augusztus/aug "
    "szeptember/szept/szep oktober/okt november/nov december/dec",
    "Romanian": "ianuarie/ian februarie/feb martie/mar aprilie/apr mai iunie/iun iulie/iul august/aug septembrie/sept "
    "octombrie/oct noiembrie/nov decembrie/dec",
    "Croatian": "sijecnja/sij/sijecanj veljace/velj/veljaca ozujka/ozu/ozujak travnja/tra/travanj svibnja/svi/svibanj "
    "lipnja/lip/lipanj srpnja/srp/srpanj kolovoza/kol/kolovoz rujna/ruj/rujan listopada/lis/listopad "
    "studenoga/stu/studeni prosinca/pro/prosinac",
    "Slovenian": "januar/jan februar/feb marec/mar april/apr maj junij/jun julij/jul avgust/avg september/sep "
    "oktober/okt november/nov december/dec",
    "Bulgarian": "януари/яну февруари/фев март април/апр маи юни юли август/авг септември/сеп октомври/окт ноември/ное "
    "декември/дек",
    "Ukrainian": "січня/січ/січень лютого/лют/лютии березня/бер/березень квітня/квіт/квітень травня/трав/травень "
    "червня/черв/червень липня/лип/липень серпня/серп/серпень вересня/вер/вересень жовтня/жовт/жовтень "
    "листопада/лист/листопад грудня/груд/грудень",
    "Russian": "января/янв/январь февраля/февр/февраль марта/мар/март апреля/апр/апрель мая/маи июня/июн/июнь "
    "июля/июл/июль августа/авг/август сентября/сент/сентябрь октября/окт/октябрь ноября/нояб/ноябрь "
    "декабря/дек/декабрь",
    "Greek": "ιανουαριου/ιαν/ιανουαριοσ φεβρουαριου/φεβ/φεβρουαριοσ μαρτιου/μαρ/μαρτιοσ απριλιου/απρ/απριλιοσ "
    "μαιου/μαι/μαιοσ ιουνιου/ιουν/ιουνιοσ ιουλιου/ιουλ/ιουλιοσ αυγουστου/αυγ/αυγουστοσ "
    "σεπτεμβριου/σεπ/σεπτεμβριοσ οκτωβριου/οκτ/οκτωβριοσ νοεμβριου/νοε/νοεμβριοσ "
    "δεκεμβριου/δεκ/δεκεμβριοσ",
    "Turkish": "ocak/oca subat/sub mart/mar nisan/nis mayis/may haziran/haz temmuz/tem agustos/agu eylul/eyl "
    "ekim/eki kasim/kas aralik/ara",
    "Indonesian": "januari/jan februari/feb/peb/pebruari maret/mar april/apr mei juni/jun juli/jul agustus/agu/agt/ags "
    "september/sep oktober/okt november/nov/nop/nopember desember/des",
    "Malay": "januari/jan februari/feb mac april/apr mei jun julai/jul ogos/ogo september/sep oktober/okt "
    "november/nov disember/dis",
    "Swedish": "januari/jan februari/feb mars april/apr maj juni juli augusti/aug september/sep oktober/okt "
    "november/nov december/dec",
    "Danish": "januar/jan februar/feb marts/mar april/apr maj juni/jun juli/jul august/aug september/sep "
    "oktober/okt november/nov december/dec",
    "Norwegian": "januar/jan februar/feb mars/mar april/apr mai juni/jun juli/jul august/aug september/sep oktober/okt "
    "november/nov desember/des",
    "Finnish": "tammikuuta/tammi/tammikuu helmikuuta/helmi/helmikuu maaliskuuta/maalis/maaliskuu "
    "huhtikuuta/huhti/huhtikuu toukokuuta/touko/toukokuu kesakuuta/kesa/kesakuu heinakuuta/heina/heinakuu "
    "elokuuta/elo/elokuu syyskuuta/syys/syyskuu lokakuuta/loka/lokakuu marraskuuta/marras/marraskuu "
    "joulukuuta/joulu/joulukuu",
    "Estonian": "jaanuar/jaan veebruar/veebr marts aprill/apr mai juuni juuli august/aug september/sept oktoober/okt "
    "november/nov detsember/dets",
    "Latvian": "janvaris/janv februaris/febr marts aprilis/apr maijs junijs/jun julijs/jul augusts/aug "
    "septembris/sept oktobris/okt novembris/nov decembris/dec",
    "Lithuanian": "sausio/saus/sausis vasario/vas/vasaris kovo/kov/kovas balandzio/bal/balandis geguzes/geg/geguze "
    "birzelio/birz/birzelis liepos/liep/liepa rugpjucio/rugp/rugpjutis rugsejo/rugs/rugsejis "
    "spalio/spal/spalis lapkricio/lapkr/lapkritis gruodzio/gruod/gruodis",
    "Arabic": "يناير فبراير مارس ابريل مايو يونيو يوليو اغسطس سبتمبر اكتوبر نوفمبر ديسمبر",
    "Arabic of the Levant": "كانون_الثاني/يناير شباط/فبراير اذار/مارس نيسان/ابريل ايار/مايو حزيران/يونيو "
    "تموز/يوليو اب/اغسطس "
    "ايلول/سبتمبر تشرين_الاول/اكتوبر تشرين_الثاني/نوفمبر كانون_الاول/ديسمبر",
    "Arabic of the Maghreb": "جانفي/يناير فيفري/فبراير مارس افريل/ابريل ماي/مايو جوان/يونيو "
    "جويلية/يوليو اوت/اغسطس سبتمبر اكتوبر "
    "نوفمبر ديسمبر",
    "Hebrew": "ינואר/ינו פברואר/פבר מרץ אפריל/אפר מאי יוני יולי אוגוסט/אוג ספטמבר/ספט אוקטובר/אוק נובמבר/נוב דצמבר/דצמ",
}
ENGLISH = "English"
_BY_LANGUAGE = {
    language: {
        form.replace("_", " "): month for month, forms in enumerate(row.split(), start=1) for form in forms.split("/")
    }
    for language, row in _LANGUAGES.items()
}
#: Every form of every language.
KNOWN = frozenset(form for forms in _BY_LANGUAGE.values() for form in forms)


def folded(text: str) -> str:
    """Write a text in small letters without accents: ``Październik`` becomes ``pazdziernik``."""
    parts = unicodedata.normalize("NFKD", text.casefold().replace("ı", "i"))
    return "".join(char for char in parts if not unicodedata.combining(char))


def languages_of(words: Iterable[str]) -> tuple[str, ...]:
    """Return the languages that know all of these words, or, where none does, those that know one of them."""
    wanted = set(words)
    every = tuple(language for language, forms in _BY_LANGUAGE.items() if wanted <= forms.keys())
    return every or tuple(language for language, forms in _BY_LANGUAGE.items() if wanted & forms.keys())


def meanings(words: Iterable[str]) -> dict[str, dict[int, str]]:
    """Return what words of one column mean: word → month → a language in which it does.

    A word that is one month in one language and another in a second, as *listopad*, has one meaning only where the
    other words show the language.

    Parameters
    ----------
    words : iterable of str
        Of :data:`KNOWN`.
    """
    wanted = tuple(dict.fromkeys(words))
    found: dict[str, dict[int, str]] = {word: {} for word in wanted}
    for language in languages_of(wanted):
        for word in wanted:
            if word in _BY_LANGUAGE[language]:
                found[word].setdefault(_BY_LANGUAGE[language][word], language)
    return found
