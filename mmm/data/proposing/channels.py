"""Guesses about every table → the channels, and what of each table the model uses."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field

from mmm.data.joining.look_alikes import look_key, plain_key
from mmm.data.privacy import safe
from mmm.data.proposing.columns import Column
from mmm.data.proposing.guess import Guess
from mmm.data.proposing.questions import Question
from mmm.data.proposing.totals import total_columns, total_labels
from mmm.data.proposing.words import Speaks, about, slug, spread_out

#: Names under which one channel goes in different files.
_SAME = (
    frozenset({"meta", "facebook", "fb", "facebook_ads", "meta_ads", "paid_social", "social"}),
    frozenset({"google_ads", "google", "adwords", "sem", "search", "paid_search"}),
    frozenset({"tv", "television", "telewizja", "fernsehen", "linear_tv"}),
    frozenset({"email", "e_mail", "newsletter", "mailing", "mailings"}),
)
#: What a long source calls what was bought, in order of preference; of search clicks come first.
_VOLUMES = ("impressions", "clicks", "grps", "reach")
_LIKE = 0.8
#: Text that YAML, and people, can only read in one way.
_PLAIN = re.compile(r"[^\W\d_](?:[\w ./\-]*[\w/])?")


@dataclass(frozen=True)
class Channel:
    """One proposed channel.

    Attributes
    ----------
    name : str
    spend : str
        Series or column.
    exposure : str, optional
    cost : str, optional
        Column of what one unit of an owned channel's volume costs; ``spend`` then is the volume.
    sources : tuple of str
    labels : tuple of str
        As long sources write it.
    """

    name: str
    spend: str
    exposure: str | None = None
    sources: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    cost: str | None = None


@dataclass
class Channels:
    """The channels of all tables.

    Attributes
    ----------
    found : dict of name to Channel
    renamed : dict
        Label → channel, where the reader would not find it by itself.
    questions : dict of channel to list of Question
    """

    found: dict[str, Channel] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    questions: dict[str, list[Question]] = field(default_factory=dict)

    def add(self, one: Channel) -> None:
        """Take a channel; one of another source under the same name is a question."""
        before = self.found.get(one.name)
        if before is None:
            self.found[one.name] = one
            return
        sources = tuple(dict.fromkeys([*before.sources, *one.sources]))
        labels = tuple(dict.fromkeys([*before.labels, *one.labels]))
        exposure = before.exposure or one.exposure
        self.found[one.name] = Channel(one.name, before.spend, exposure, sources, labels, before.cost)

    def name_for(self, label: str) -> str:
        """Return the channel that a label looks like, or a new name for it."""
        for one in self.found.values():
            if look_key(one.name) == look_key(label) or label in one.labels:
                return one.name
        name = slug(label)
        if name in ("", "all"):
            name = f"channel_{name}".rstrip("_")
        number = 1
        chosen = name
        while chosen in self.found:
            number += 1
            chosen = f"{name}_{number}"
        return chosen

    def ask(self, name: str, question: Question) -> None:
        """Ask about a channel."""
        self.questions.setdefault(name, []).append(question)


def of_long(found: Channels, guess: Guess, source: str) -> None:
    """Take the channels of a table with a row per channel: of a platform's campaigns, one."""
    if guess.fit is None:
        return
    if guess.is_platform:
        name, metrics = guess.fit.name, frozenset(guess.fit.source.metrics)
        found.add(Channel(name, f"{name}_spend", _volume(name, metrics), (source,)))
        return
    totals = total_labels(guess)
    for label, metrics in guess.labels.items():
        if "spend" not in metrics or label in totals:
            continue
        name = found.name_for(label)
        if plain_key(label) != plain_key(name) and look_key(label) != look_key(name):
            found.renamed[label] = name
        found.add(Channel(name, f"{name}_spend", _volume(name, metrics), (source,), (label,)))


def _volume(name: str, metrics: frozenset[str]) -> str | None:
    order = ("clicks", *_VOLUMES) if any(word in name for word in ("search", "google", "sem")) else _VOLUMES
    metric = next((one for one in order if one in metrics), None)
    return None if metric is None else f"{name}_{metric}"


def of_wide(found: Channels, guess: Guess, source: str) -> list[Column]:
    """Take the channels of a wide table; returns columns of volume that belong to no money."""
    totals = total_columns(guess)
    spend = [column for column, speaks in guess.numbers() if speaks is Speaks.SPEND and column.name not in totals]
    volume = [column for column, speaks in guess.numbers() if speaks is Speaks.EXPOSURE]
    taken: set[str] = set()
    speaks_of_outcome = any(speaks is Speaks.OUTCOME for _, speaks in guess.numbers())
    for column in spend:
        topic = about(column.name)
        own = [one for one in volume if about(one.name) == topic and one.name not in taken]
        taken.update(one.name for one in own)
        # A table of one thing's costs (a fair's, a mailing's) is called what the thing is.
        name = slug(topic) or (slug(column.name) if speaks_of_outcome else source)
        found.add(Channel(name, column.name, own[0].name if own else None, (source,)))
    return [column for column in volume if column.name not in taken]


def of_service(found: Channels, guess: Guess, source: str) -> list[str]:
    """Take owned channels whose cost of service has a column; returns the other columns of what a company serves."""
    served = [column.name for column, speaks in guess.numbers() if speaks is Speaks.OWNED]
    for column, speaks in guess.numbers():
        if speaks is Speaks.SERVICE:
            own = [name for name in served if _stems(name) & _stems(column.name)]
            if len(own) == 1:
                served.remove(own[0])
                found.add(Channel(slug(own[0]), own[0], None, (source,), (), column.name))
    return served


def _stems(name: str) -> frozenset[str]:
    """Return the words of a name without their plural's end."""
    return frozenset(word.rstrip("s") for word in spread_out(name).split() if len(word) > 3) - {"cost", "costo", "unit"}


def ask_about_names(found: Channels) -> None:
    """Ask about names of channels that look alike, mean the same, or come from two sources."""
    names = list(found.found)
    for i, name in enumerate(names):
        one = found.found[name]
        if len(one.sources) > 1:
            says = (
                f"{' and '.join(one.sources)} both report '{safe(name)}': if each holds a part, declare that they add "
                "up; if one repeats the other, leave one out."
            )
            found.ask(name, Question(says, (f"same: {{{name}: [{', '.join(one.sources)}]}}",)))
        for other in names[:i]:
            if not _near(name, other):
                continue
            label = next(iter(found.found[name].labels), name)
            found.ask(
                name,
                Question(
                    f"'{safe(name)}' and '{safe(other)}' may be one channel: if so, remove '{safe(name)}' from "
                    f"channels and add {quoted(safe(label))}: {other} under join.channels."
                ),
            )


def _near(one: str, other: str) -> bool:
    if any({one, other} <= same for same in _SAME):
        return True
    letters = [name for name in (one, other) if len(name) > 4 and not any(char.isdigit() for char in name)]
    return len(letters) == 2 and difflib.SequenceMatcher(None, one, other).ratio() >= _LIKE


def quoted(text: str) -> str:
    """Write text as a YAML value or key: plain where that has one reading, else in quotation marks."""
    words = ("true", "false", "null", "y", "n", "yes", "no", "on", "off")
    if _PLAIN.fullmatch(text) and text.casefold() not in words:
        return text
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    return char if char.isprintable() else f"\\U{ord(char):08x}"
