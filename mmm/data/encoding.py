"""Bytes → text: byte-order marks, UTF-16, UTF-8, and the one-byte encodings of Windows, told by their letters."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from itertools import islice

from mmm.data.log import ReadingLog, counted, listed
from mmm.data.privacy import safe
from mmm.data.spec import name_key
from mmm.exceptions import DataError, SpecError

#: Words that are looked at.
_ENOUGH = 1000
_WORD = re.compile(r'[^\s,;|"]{1,100}')
_DECLARE = "Save the file as UTF-8, or declare data.encoding in the model file (e.g. cp1250)."
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: (encoding, letters beyond ASCII of one language or family). Western European first: ties go to the first.
_LETTERS = (
    ("cp1252", "äöüßéàèç"),  # German, and words that French and it share
    ("cp1252", "éèêëàâçîïôûùüÿœ"),  # French
    ("cp1252", "áéíóúñüªº"),  # Spanish
    ("cp1252", "ãõáéíóúâêôàç"),  # Portuguese
    ("cp1252", "àèéìòù"),  # Italian
    ("cp1252", "æøåé"),  # Danish, Norwegian
    ("cp1252", "åäöé"),  # Swedish, Finnish
    ("cp1252", "ëïéèüö"),  # Dutch
    ("cp1250", "ąćęłńóśźż"),  # Polish
    ("cp1250", "áčďéěíňóřšťúůýž"),  # Czech
    ("cp1250", "áäčďéíĺľňóôŕšťúýž"),  # Slovak
    ("cp1250", "áéíóöőúüű"),  # Hungarian
    ("cp1250", "ăâîşţ"),  # Romanian
    ("cp1250", "čćđšž"),  # Croatian, Slovene
    ("cp1254", "çğıöşüİâ"),  # Turkish
    ("cp1251", "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґ"),  # Russian, Ukrainian, Bulgarian
    ("cp1253", "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋ"),  # Greek
    ("cp1255", "אבגדהוזחטיךכלםמןנסעףפץצקרשת"),  # Hebrew
    ("cp1256", "ءآأؤإئابةتثجحخدذرزسشصضطظعغـفقكلمنهوىيًٌٍَُِّْپچژگ"),  # Arabic, Persian
)


def _row(raw: bytes, offset: int) -> int:
    return raw.count(b"\n", 0, offset) + 1


def _wide(raw: bytes) -> str | None:
    """Name the encoding of UTF-16 without a mark (every other byte NUL), or None."""
    sample = raw[:4000]
    if len(sample) < 4:
        return None
    half = len(sample) / 2
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.05 * half else None


def _decode(raw: bytes, encoding: str, file: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise DataError(
            f"the bytes are not {encoding} text",
            where=f"{file}, row {_row(raw, error.start)}",
            do="Save the file as UTF-8, or correct data.encoding in the model file.",
        ) from error


def _refuse_mixed(raw: bytes, file: str) -> None:
    """Refuse a file with UTF-8 characters in some lines and one-byte characters in others."""
    valid: list[int] = []
    broken: list[int] = []
    for number, line in enumerate(raw.split(b"\n"), start=1):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
            valid.append(number)
        except UnicodeDecodeError:
            broken.append(number)
    if valid and broken:
        raise DataError(
            f"the file mixes encodings: row {valid[0]} is UTF-8 and row {broken[0]} is not",
            where=f"{file}, row {broken[0]}",
            do="Two exports were joined: save each as UTF-8 before joining them.",
        )


def _words(text: str) -> Iterator[str]:
    """Yield the runs of characters between spaces and delimiters that hold something beyond ASCII."""
    return (match.group() for match in _WORD.finditer(text) if not match.group().isascii())


def _cost(words: Iterable[str], letters: str) -> float:
    """Count what a language would not write: foreign letters, signs inside words, a capital after a small letter."""
    cost = 0.0
    known = set(letters) | set(letters.upper())
    for word in words:
        for position, char in enumerate(word):
            if char.isascii():
                continue
            before, after = word[position - 1 : position], word[position + 1 : position + 2]
            if "\x80" <= char <= "\x9f":
                cost += 10
            elif char.isalpha() or char in "ªº":
                cost += (char not in known) + (char.isupper() and before.islower())
            elif before.isalpha() and after.isalpha():
                cost += 2
    return cost


def _attempt(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _guess(raw: bytes, wanted: Iterable[str], file: str) -> tuple[str, str]:
    """Choose among the one-byte encodings; returns (encoding, text)."""
    names = [name_key(name) for name in wanted if not name.isascii()]
    best: tuple[tuple[int, float], str, str] | None = None
    texts = {encoding: _attempt(raw, encoding) for encoding in dict(_LETTERS)}
    for encoding, letters in _LETTERS:
        text = texts[encoding]
        if text is None:
            continue
        folded = name_key(text[:20_000])
        cost = _cost(islice(_words(text), _ENOUGH), letters)
        rank = (sum(name not in folded for name in names), cost)
        if best is None or rank < best[0]:
            best = (rank, encoding, text)
    if best is None:
        raise DataError("the text encoding cannot be told from the bytes", where=file, do=_DECLARE)
    (absent, cost), encoding, text = best
    foreign = sum(not char.isascii() for word in islice(_words(text), _ENOUGH) for char in word)
    if (absent or not names) and cost > 2 + 0.4 * foreign:
        raise DataError("the text encoding cannot be told from the bytes", where=file, do=_DECLARE)
    return encoding, text


def decode(raw: bytes, file: str, log: ReadingLog, *, declared: str | None, wanted: Iterable[str]) -> str:
    """Decode a file's bytes, and list what was not plain UTF-8.

    Parameters
    ----------
    raw : bytes
    file : str
        Name for messages.
    log : ReadingLog
    declared : str or None
        ``data.encoding`` of the model file.
    wanted : iterable of str
        Column names that are looked for: the right encoding is one in which they can be read.

    Raises
    ------
    DataError
        NUL bytes, mixed encodings, or an encoding that cannot be told.
    """
    if declared is not None:
        try:
            codecs.lookup(declared)
        except LookupError as error:
            raise SpecError(
                f"the encoding '{declared}' is not known", where="data.encoding", do="Name one such as utf-8 or cp1252."
            ) from error
        return _decode(raw, declared, file).removeprefix("\ufeff")
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            log.repaired("encoding", f"The file is {encoding.upper()} and was decoded as such.", where=file)
            return _decode(raw, encoding, file).removeprefix("\ufeff")
    wide = _wide(raw)
    if wide is not None:
        log.repaired("encoding", "The file is UTF-16 without a byte-order mark and was decoded as such.", where=file)
        return _decode(raw, wide, file)
    if b"\x00" in raw:
        raise DataError(
            f"the file holds {counted(raw.count(0), 'NUL byte')}",
            where=f"{file}, row {_row(raw, raw.index(0))}",
            do="It is damaged or binary: export it again.",
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        _refuse_mixed(raw, file)
        encoding, text = _guess(raw, wanted, file)
        words = dict.fromkeys(safe(word) for word in _words(text) if any(map(str.isalpha, word)))
        log.repaired(
            "encoding",
            f"The file is not UTF-8; it was read as {encoding}" + (f", giving: {listed(words)}." if words else "."),
            where=file,
            do="If these words look wrong, declare data.encoding in the model file.",
        )
        return text
    if text.startswith("\ufeff"):
        log.repaired("byte_order_mark", "A byte-order mark before the first column name was removed.", where=file)
        return text.removeprefix("\ufeff")
    return text
