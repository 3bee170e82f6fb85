"""A proposal → the text of ``model.yaml``, with a question where something is unsure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from mmm.data.privacy import safe
from mmm.data.proposing.channels import Channel, quoted
from mmm.data.proposing.proposal import Proposal, Use
from mmm.data.proposing.questions import Question
from mmm.data.proposing.words import slug

_WIDTH = 116


def comment(text: str, indent: str = "") -> Iterator[str]:
    """Yield a comment, wrapped."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    lines = textwrap.wrap(plain, _WIDTH - len(indent), break_on_hyphens=False, break_long_words=True)
    yield from (f"{indent}# {line}" for line in lines)


def _asked(questions: Iterable[Question], indent: str = "") -> Iterator[str]:
    for question in questions:
        yield from comment(f"QUESTION: {question.says}", indent)
        yield from (f"{indent}#{answer}" for answer in question.answers)


def _flow(key: str, items: Iterable[str]) -> Iterator[str]:
    """Yield a list, wrapped."""
    lines = [f"{key}: ["]
    for item in items:
        text = f"{quoted(item)}, "
        if len(lines[-1]) + len(text) > _WIDTH:
            lines.append("  ")
        lines[-1] += text
    lines[-1] = lines[-1].removesuffix(", ") + "]"
    yield from (line.rstrip() for line in lines)


def _mapping(items: dict[str, str]) -> str:
    return f"{{{', '.join(f'{quoted(key)}: {quoted(value)}' for key, value in items.items())}}}"


def text_of(made: Proposal, *, refused: str | None = None) -> str:
    """Return the text of ``model.yaml``.

    Parameters
    ----------
    made : Proposal
    refused : str, optional
        What the strict reader says of this proposal.
    """
    return "\n".join([*_head(made, refused), *_data(made), *_sources(made), *_join(made), *_model(made)]) + "\n"


def one_file(made: Proposal) -> Use | None:
    """Return the only table, where it is one file that is wide and needs no key of a source."""
    if len(made.uses) != 1 or made.rates is not None or made.ledger is not None:
        return None
    use = made.uses[0]
    plain = use.guess.fit is None and use.guess.look.part != "table" and "*" not in use.guess.file
    return use if plain and not use.guess.file.endswith("/") else None


def _head(made: Proposal, refused: str | None) -> Iterator[str]:
    count = made.open_questions
    asks = "No question is open."
    if count:
        asks = (
            f"{'One question is' if count == 1 else f'{count} questions are'} open: look for QUESTION, and take the # "
        )
        asks += "away before the line that answers it."
    yield from comment(f"Proposed by 'mixwise init --from'. {asks}")
    yield from comment("Next: mixwise check model.yaml")
    if refused is not None:
        yield from comment(f"The check says so far: {refused}")
    for sentence in made.left_out:
        yield from comment(f"NOT USED: {sentence}")
    yield ""


def _reading(use: Use, indent: str) -> Iterator[str]:
    """Yield how a table is read, and what is unsure about that."""
    dates = use.guess.dates
    if dates is not None and dates.format is not None:
        yield f'{indent}date_format: "{dates.format}"'
    for note in use.guess.notes:
        yield from comment(note, indent)
    yield from _asked(use.guess.questions, indent)


def _data(made: Proposal) -> Iterator[str]:
    yield "data:"
    alone = one_file(made)
    if alone is not None:
        yield f"  file: {quoted(alone.guess.file)}"
        if alone.guess.dates is not None:
            yield f"  date: {quoted(alone.guess.dates.name)}"
    yield f"  outcome: {quoted(made.outcome)}"
    for key, value in (("value_per_outcome", made.value), ("geo", made.geo), ("population", made.population)):
        if value is not None and (key != "population" or made.geo is not None):
            yield f"  {key}: {quoted(value)}"
    if alone is not None:
        yield from _reading(alone, "  ")
    yield from _asked(made.questions.get("data", ()), "  ")
    yield ""


def _sources(made: Proposal) -> Iterator[str]:
    if one_file(made) is not None or not made.uses:
        return
    yield "sources:"
    for use in made.uses:
        yield f"  {quoted(use.name)}:"
        yield from (f"    {line}" for line in _source(use))
        yield from _reading(use, "    ")
    yield ""


def _source(use: Use) -> Iterator[str]:
    guess = use.guess
    if guess.fit is not None:
        yield f"preset: {guess.fit.name}"
    yield f"file: {quoted(guess.file)}"
    if guess.look.part is not None:
        yield f"{guess.look.part}: {quoted(str(guess.look.part_name))}"
    if guess.fit is None and guess.dates is not None:
        yield f"date: {quoted(guess.dates.name)}"
    if guess.geo is not None and (guess.fit is None or guess.fit.source.geo is None):
        yield f"geo: {quoted(guess.geo)}"
    if guess.is_platform and guess.fit is not None:
        yield f"channel_is: {guess.fit.name}"
    if use.metrics:
        yield f"metrics: {_mapping(use.metrics)}"


def _join(made: Proposal) -> Iterator[str]:
    if one_file(made) is not None:
        return
    lines: list[str] = []
    if made.channels.renamed:
        lines.append(f"  channels: {_mapping(made.channels.renamed)}")
    if made.rates is not None:
        lines.append(f"  rates_file: {quoted(made.rates)}")
    if made.ledger is not None:
        lines.append(f"  ledger: {{file: {quoted(made.ledger)}}}")
    asked = [*made.questions.get("join", ()), *(q for several in made.channels.questions.values() for q in several)]
    if lines or asked:
        yield from ("join:", "  grain: week", *lines)
        yield from _asked(asked, "  ")
        yield ""


def _channel(one: Channel) -> str:
    if one.cost is not None:
        return f"{{volume: {quoted(one.spend)}, cost_of_service: {quoted(one.cost)}}}"
    exposure = "" if one.exposure is None else f", exposure: {quoted(one.exposure)}"
    return f"{{spend: {quoted(one.spend)}{exposure}}}"


def _served(made: Proposal) -> Iterator[str]:
    """Yield how what the company serves or sends becomes a channel that plans can price."""
    served = [name for name in dict.fromkeys(made.served) if name in made.organic]
    if served:
        told = ", ".join(f"'{safe(name)}'" for name in served)
        yield from comment(
            f"{told}: under organic, as if one more cost nothing. Where it does cost (an agent's time, postage, "
            "staff), take it out of organic and write here, with the money for one unit in place of …:",
            "  ",
        )
        for name in served:
            line = f"{quoted(slug(name))}: {{volume: {quoted(name)}, cost_of_service: …}}"
            yield f"  #   {line}"


def _model(made: Proposal) -> Iterator[str]:
    yield "channels:"
    yield from _asked(made.questions.get("channels", ()), "  ")
    for channel in made.channels.found.values():
        yield f"  {quoted(channel.name)}: {_channel(channel)}"
    yield from _served(made)
    if one_file(made) is not None:
        yield from _asked((q for several in made.channels.questions.values() for q in several), "  ")
    yield ""
    if made.organic:
        yield from _flow("organic", dict.fromkeys(made.organic))
    if made.controls:
        yield from _flow("controls", dict.fromkeys(made.controls))
    yield from _asked(made.questions.get("controls", ()))
    yield f"currency: {made.currency}"
    yield from _asked(made.questions.get("currency", ()))
