"""Guesses about every table → one proposal of a model file: what is used of each, and what is asked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from mmm.data.currencies import SIGNS
from mmm.data.privacy import safe
from mmm.data.proposing.channels import Channel, Channels, ask_about_names, of_long, of_service, of_wide
from mmm.data.proposing.guess import USUAL, Guess, source_name
from mmm.data.proposing.questions import Question, asked, says_of
from mmm.data.proposing.totals import total_columns, total_labels
from mmm.data.proposing.words import Speaks, slug
from mmm.data.reading import name_key
from mmm.exceptions import MixwiseError

#: Metrics of usual exports that are an outcome, and unpaid activity.
_OUTCOMES = ("revenue", "orders", "key_events")
_UNPAID = ("sends", "answered_calls", "calls", "chats")
_DEFAULT = "EUR"


@dataclass
class Use:
    """What the model uses of one table.

    Attributes
    ----------
    guess : Guess
    name : str
        Of the source.
    metrics : dict of series to column
        Of a wide table whose series have other names than its columns.
    outcomes : list of str
        Series of it that may be the outcome.
    """

    guess: Guess
    name: str
    metrics: dict[str, str] = field(default_factory=dict)
    outcomes: list[str] = field(default_factory=list)


@dataclass
class Proposal:
    """A model file that is about to be written.

    Attributes
    ----------
    uses : list of Use
    channels : Channels
    outcome : str
    organic, controls : list of str
    served : list of str
        Of organic: what the company serves or sends, of which one may cost money.
    geo, population, value : str or None
    currency : str
    rates, ledger : str or None
        Files.
    left_out : list of str
        Sentences about files and columns that are not used.
    questions : dict
        Place (``data``, ``currency``, ``channels``, ``join`` …) → questions.
    """

    uses: list[Use] = field(default_factory=list)
    channels: Channels = field(default_factory=Channels)
    outcome: str = ""
    organic: list[str] = field(default_factory=list)
    controls: list[str] = field(default_factory=list)
    served: list[str] = field(default_factory=list)
    geo: str | None = None
    population: str | None = None
    value: str | None = None
    currency: str = _DEFAULT
    rates: str | None = None
    ledger: str | None = None
    left_out: list[str] = field(default_factory=list)
    questions: dict[str, list[Question]] = field(default_factory=dict)

    def ask(self, place: str, says: str, *answers: str) -> None:
        """Ask at a place of the model file."""
        self.questions.setdefault(place, []).append(Question(says, answers))

    def every(self) -> Iterator[Question]:
        """Yield all questions."""
        for several in (*self.questions.values(), *self.channels.questions.values()):
            yield from several
        for use in self.uses:
            yield from use.guess.questions

    @property
    def open_questions(self) -> int:
        """How many questions there are."""
        return len(list(self.every()))

    def ask_what(self, refused: MixwiseError) -> None:
        """Make a question of what a reader refused, where one key answers it."""
        rows = re.search(r"sources\.([^.\s]+)\.repeats: add", str(refused))
        if rows is not None:
            for use in self.uses:
                if use.name == rows[1]:
                    question = asked(refused, ("repeats: add",))
                    use.guess = replace(use.guess, questions=(*use.guess.questions, question))
        for place, key in (("join", "overlap: true"), ("data", "gaps: no_spend")):
            if f"{place}.{key}" in str(refused):
                self.questions.setdefault(place, []).append(asked(refused, (key,)))
                return

    def asks(self, refused: MixwiseError) -> bool:
        """Say whether what a reader refused is asked already."""
        return any(says_of(refused) in question.says for question in self.every())


def propose(guesses: Sequence[Guess]) -> Proposal:
    """Bring guesses about tables together.

    Parameters
    ----------
    guesses : sequence of Guess
        Tables without personal data.
    """
    made = Proposal()
    outcomes: list[str] = []
    shared = frozenset(file for file, count in Counter(guess.file for guess in guesses).items() if count > 1)
    for guess in guesses:
        if guess.is_rates:
            made.rates = guess.file
        elif guess.is_ledger and len(guesses) > 1:
            made.ledger = guess.file
        elif guess.dates is None:
            made.left_out.append(f"{guess.look.where}: no column can be read as dates.")
        else:
            outcomes += _take(made, guess, shared)
    ask_about_names(made.channels)
    _one_use_each(made)
    _outcome(made, outcomes)
    _currency(made)
    _panel(made)
    if not made.channels.found:
        _no_channel(made)
    return made


def _take(made: Proposal, guess: Guess, shared: frozenset[str]) -> list[str]:
    """Take one table; returns the outcomes that it may hold. ``shared``: files that hold several tables."""
    alone = guess.file not in shared or guess.look.part_name is None
    name = source_name(guess.file) if alone else slug(str(guess.look.part_name)) or source_name(guess.file)
    use = Use(guess, _free(name, [one.name for one in made.uses]))
    before = len(made.channels.found), len(made.organic), len(made.controls)
    outcomes = _usual(made, guess, use) if guess.fit is not None else _own(made, guess, use)
    use.outcomes += outcomes
    after = len(made.channels.found), len(made.organic), len(made.controls)
    if outcomes or after != before or any(use.name in one.sources for one in made.channels.found.values()):
        made.uses.append(use)
    else:
        made.left_out.append(f"{guess.look.where}: nothing in it is spend, an outcome, unpaid activity or a control.")
    return outcomes


def _usual(made: Proposal, guess: Guess, use: Use) -> list[str]:
    """Take a usual export."""
    if guess.fit is None:
        return []
    metrics = guess.fit.source.metrics
    if guess.fit.name == "ga4":
        made.left_out.append(
            f"{guess.look.where}: Google Analytics counts what visitors did; media cause visits, so they are no "
            "control, and its revenue holds only what a browser saw."
        )
        return []
    if guess.is_long and "spend" in metrics:
        of_long(made.channels, guess, use.name)
        for label in total_labels(guess):
            made.left_out.append(f"{guess.look.where}: rows of '{safe(label)}' look like totals of the others.")
        return []
    prefix = f"{guess.fit.source.channel_is}_" if guess.is_long else ""
    unpaid = [f"{prefix}{name}" for name in _UNPAID if name in metrics][:1]
    made.organic += unpaid
    made.served += unpaid
    outcomes = [name for name in _OUTCOMES if name in metrics] if not guess.is_long else []
    used = set(metrics.values())
    for column, speaks in guess.numbers():
        if speaks is Speaks.CONTROL and column.name not in used:
            made.controls.append(column.name)
            use.metrics[column.name] = column.name
    return outcomes


def _own(made: Proposal, guess: Guess, use: Use) -> list[str]:
    """Take a wide table of the company's own."""
    spare = of_wide(made.channels, guess, use.name)
    made.left_out += [f"{guess.look.where}: {why}" for why in total_columns(guess).values()]
    made.organic += [column.name for column in spare]
    by_kind: dict[Speaks, list[str]] = {}
    for column, speaks in guess.numbers():
        by_kind.setdefault(speaks, []).append(column.name)
    served = of_service(made.channels, guess, use.name)
    made.served += served
    made.organic += [*by_kind.get(Speaks.ORGANIC, []), *served]
    made.controls += by_kind.get(Speaks.CONTROL, [])
    made.value = made.value or next(iter(by_kind.get(Speaks.VALUE, [])), None)
    made.population = made.population or next(iter(by_kind.get(Speaks.POPULATION, [])), None)
    unknown = by_kind.get(Speaks.NOTHING, [])
    if unknown:
        made.ask(
            "controls",
            f"These columns of {guess.look.where} say nothing by their names, and are not used: "
            f"{', '.join(safe(name) for name in unknown)}. Name them under channels, organic or controls if they "
            "belong there.",
        )
    return by_kind.get(Speaks.OUTCOME, [])


def _free(name: str, taken: Sequence[str]) -> str:
    """Return a name that is not taken yet."""
    number = 2
    chosen = name
    while chosen in taken:
        chosen, number = f"{name}_{number}", number + 1
    return chosen


def _one_use_each(made: Proposal) -> None:
    """Leave out of organic and controls what names a channel, or stands in two files."""
    channels = made.channels.found.values()
    taken = {name_key(text) for one in channels for text in (one.name, one.spend, one.exposure or "")}
    for kind in (made.organic, made.controls):
        for name in list(kind):
            if name_key(name) in taken:
                kind.remove(name)
                made.left_out.append(f"'{safe(name)}' is already the name of a channel, or stands in another file too.")
            taken.add(name_key(name))


def _outcome(made: Proposal, outcomes: Sequence[str]) -> None:
    if not outcomes:
        made.outcome = "revenue"
        made.ask(
            "data",
            "No file holds what marketing is to raise (revenue, orders, leads): add it, and name its column here.",
        )
        return
    made.outcome = outcomes[0]
    repeated = [name for name, count in Counter(outcomes).items() if count > 1]
    if repeated:
        made.ask("data", f"Two files hold '{safe(repeated[0])}': leave one of them out.")
    others = [name for name in dict.fromkeys(outcomes) if name != made.outcome]
    if others:
        told = ", ".join(safe(name) for name in others)
        made.ask("data", f"The outcome may be {told} instead; what is a part of it is no control.")


def _currency(made: Proposal) -> None:
    # The outcome's currency is the company's; what an advertising platform bills in need not be.
    nearest = sorted(made.uses, key=lambda use: (made.outcome not in use.outcomes, use.guess.is_platform))
    codes = [code for use in nearest for code in use.guess.currencies]
    if not codes:
        made.ask("currency", f"No file names a currency: {_DEFAULT} is a guess.")
        return
    made.currency = codes[0]
    for sign in dict.fromkeys(sign for use in made.uses for sign in use.guess.doubtful_signs):
        some = ", ".join(sorted(SIGNS[sign]))
        made.ask("currency", f"'{sign}' may be {some}" + (f": {USUAL[sign]} is a guess." if sign in USUAL else "."))
    spenders = {name for one in made.channels.found.values() for name in one.sources}
    silent = [use.name for use in made.uses if not use.guess.currencies and (use.outcomes or use.name in spenders)]
    if silent:
        made.ask("currency", f"{', '.join(silent)} name{'s' * (len(silent) == 1)} no currency: is it {made.currency}?")
    foreign = [code for code in dict.fromkeys(codes) if code != made.currency]
    if foreign and made.rates is None:
        made.ask(
            "join",
            f"Some money is in {' and '.join(foreign)}: give a file of rates with the columns date, currency, rate "
            f"(the worth of one unit in {made.currency}) as rates_file, or one rate for all time as data.rates: "
            f"{{{foreign[0]}: …}}.",
        )


def _panel(made: Proposal) -> None:
    """Decide whether the panel is by geo: where every table that is used has places."""
    places = [use.guess.geo for use in made.uses]
    if places and all(places):
        made.geo = places[0]
    elif any(places):
        told = ", ".join(use.name for use in made.uses if use.guess.geo is not None)
        made.ask("data", f"Only {told} is by place: its places are added up. A panel by place needs them everywhere.")


def _no_channel(made: Proposal) -> None:
    """Propose the columns that say nothing as channels: a model file has at least one."""
    for use in made.uses:
        for column, speaks in use.guess.numbers():
            if speaks is Speaks.NOTHING and use.guess.fit is None:
                made.channels.add(Channel(column.name, column.name, None, (use.name,)))
    made.questions.pop("controls", None)
    if not made.channels.found:
        made.channels.add(Channel("media", "media_spend"))
    made.ask("channels", "No column's name speaks of money spent: these are a guess. Name the columns of money.")
