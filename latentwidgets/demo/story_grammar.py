"""A grammar of small stories about animals: it writes them, and reads them back."""

from __future__ import annotations

import random
import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["ATTRIBUTES", "Reading", "draw", "meanings", "read_story", "tells", "words"]

# What the slots of a template say: for each, its attribute, and the phrases for each value of it.
# A phrase with a bar has the verb of the past and of the present. Every phrase belongs to one value
# alone, so that it can be read back; and all values have as many, so that two stories of one seed
# differ in nothing but the attribute that was chosen otherwise.
SLOTS: Mapping[str, tuple[str, Mapping[str, tuple[str, ...]]]] = {
    "animal": (
        "animal",
        {name: (name,) for name in ("bear", "cat", "dog", "fox", "frog", "rabbit")},
    ),
    "part": (
        "animal",
        {
            "bear": ("big paws", "round belly"),
            "cat": ("soft whiskers", "sharp claws"),
            "dog": ("black nose", "short legs"),
            "fox": ("red tail", "pointed face"),
            "frog": ("green skin", "wide mouth"),
            "rabbit": ("long ears", "fluffy feet"),
        },
    ),
    "food": (
        "animal",
        {
            "bear": ("honey", "salmon"),
            "cat": ("milk", "cream"),
            "dog": ("bones", "sausages"),
            "fox": ("grapes", "eggs"),
            "frog": ("flies", "worms"),
            "rabbit": ("carrots", "clover"),
        },
    ),
    "where": (
        "place",
        {
            "beach": ("on the beach",),
            "farm": ("on the farm",),
            "forest": ("in the forest",),
            "garden": ("in the garden",),
            "mountain": ("on the mountain",),
            "town": ("in the town",),
        },
    ),
    "near": (
        "place",
        {
            "beach": ("beside the waves", "on the sand"),
            "farm": ("behind the barn", "near the tractor"),
            "forest": ("under a tree", "on the moss"),
            "garden": ("among the roses", "beside the pond"),
            "mountain": ("behind a rock", "near the cave"),
            "town": ("near the church", "beside a shop"),
        },
    ),
    "sky": ("weather", {name: (name,) for name in ("rainy", "snowy", "sunny", "windy")}),
    "falls": (
        "weather",
        {
            "rainy": ("rain fell|rain falls", "water dripped|water drips"),
            "snowy": ("snow fell|snow falls", "ice formed|ice forms"),
            "sunny": ("the sun shone|the sun shines", "the air glowed|the air glows"),
            "windy": ("the wind blew|the wind blows", "dust rose|dust rises"),
        },
    ),
    "thing": (
        "weather",
        {
            "rainy": ("a puddle", "an umbrella"),
            "snowy": ("a snowman", "an icicle"),
            "sunny": ("a shadow", "a sunbeam"),
            "windy": ("a kite", "a windmill"),
        },
    ),
    "feeling": ("mood", {name: (name,) for name in ("angry", "happy", "sad", "scared")}),
    "adverb": (
        "mood",
        {
            "angry": ("angrily",),
            "happy": ("happily",),
            "sad": ("sadly",),
            "scared": ("fearfully",),
        },
    ),
    "acts": (
        "mood",
        {
            "angry": ("growled|growls", "shouted|shouts", "stamped|stamps"),
            "happy": ("smiled|smiles", "laughed|laughs", "danced|dances"),
            "sad": ("cried|cries", "sighed|sighs", "wept|weeps"),
            "scared": ("trembled|trembles", "hid|hides", "gasped|gasps"),
        },
    ),
}
# {slot} stands for a phrase, {Slot} for one that begins the sentence, [past|present] for a verb.
# Every sentence has a verb, so that each tells the tense. The first one never tells the mood.
FIRST = (
    "One day a {animal} [walked|walks] {where}.",
    "One morning a {animal} [played|plays] {where}.",
    "A {animal} [lived|lives] {where}.",
    "There [was|is] a {animal} {where}.",
    "It [was|is] a {sky} day and a {animal} [sat|sits] {where}.",
)
LATER = (
    "It [was|is] a {sky} day.",
    "{Falls} all day.",
    "{Falls} {near}.",
    "It [saw|sees] {thing}.",
    "It [looked|looks] at {thing} {near}.",
    "It [felt|feels] {feeling}.",
    "The {animal} [felt|feels] {feeling}.",
    "It {acts}.",
    "It {acts} {near}.",
    "It {acts} when it [saw|sees] {thing}.",
    "{Adverb} it [ate|eats] {food}.",
    "{Adverb} it [sat|sits] {near}.",
    "{Adverb} it [looked|looks] at {thing}.",
    "It [sat|sits] {near}.",
    "It [found|finds] {food} {near}.",
    "It [wanted|wants] {food}.",
    "It [washed|washes] its {part}.",
    "The {animal} [looked|looks] at its {part}.",
)
LAST = (
    "At night the {feeling} {animal} [went|goes] home.",
    "{Adverb} the {animal} [went|goes] home.",
    "Then the {feeling} {animal} [fell|falls] asleep {near}.",
    "At night it [dreamed|dreams] of {food} and {acts}.",
)
# How many sentences are between the first and the last, and how often each attribute is told at
# least: what was told once comes up again, so that whoever continues a story must keep it in mind.
BETWEEN, TOLD = (4, 7), 2
TENSES = ("past", "present")
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "animal": tuple(SLOTS["animal"][1]),
    "place": tuple(SLOTS["where"][1]),
    "mood": tuple(SLOTS["feeling"][1]),
    "tense": TENSES,
    "weather": tuple(SLOTS["sky"][1]),
}
"""The attributes of a story, and the values of each."""

# A slot with its name, or a verb.
HOLE = re.compile(r"\{(\w+)\}|\[(\w+)\|(\w+)\]")


def tells(template: str) -> tuple[str, ...]:
    """Give the attributes that a sentence of a template tells, "tense" left out.

    Examples
    --------
    >>> tells("The {animal} [felt|feels] {feeling}.")
    ('animal', 'mood')
    """
    found = (match[1] for match in HOLE.finditer(template))
    return tuple(SLOTS[slot.lower()][0] for slot in found if slot)


TELLS = {template: tells(template) for template in (*FIRST, *LATER, *LAST)}


def draw(random_state: random.Random, values: Mapping[str, str]) -> Iterator[tuple[str, set[str]]]:
    """Draw a story.

    Parameters
    ----------
    random_state : random.Random
        Whatever the values are, as many numbers are taken from it.
    values : mapping
        For each attribute its value.

    Yields
    ------
    sentence : str
    told : set of str
        The attributes that it tells.

    Examples
    --------
    >>> story = {"animal": "fox", "place": "town", "mood": "sad", "weather": "rainy"}
    >>> sentence, told = next(draw(random.Random(0), {**story, "tense": "past"}))
    >>> sentence, sorted(told)
    ('A fox lived in the town.', ['animal', 'place', 'tense'])
    """
    for template in _templates(random_state):
        sentence = HOLE.sub(lambda match: _filled(match, values, random_state), template)
        yield sentence, {*TELLS[template], "tense"}


def _pick(random_state: random.Random, count: int) -> int:
    # Of the methods of `random.Random` only this one gives the same in every version of Python.
    return int(random_state.random() * count)


def _templates(random_state: random.Random) -> Sequence[str]:
    """Draw the templates of a story in which every attribute is told often enough."""
    while True:
        least, most = BETWEEN
        rest = [*LATER]
        count = least + _pick(random_state, most - least + 1)
        middle = [rest.pop(_pick(random_state, len(rest))) for _ in range(count)]
        first, last = (options[_pick(random_state, len(options))] for options in (FIRST, LAST))
        templates = [first, *middle, last]
        told = Counter(attribute for template in templates for attribute in TELLS[template])
        if all(told[name] >= TOLD for name in ATTRIBUTES if name != "tense"):
            return templates


def _filled(match: re.Match[str], values: Mapping[str, str], random_state: random.Random) -> str:
    """Write what stands in a hole of a template."""
    slot, *verb = match.groups()
    if slot is None:
        return str(verb[TENSES.index(values["tense"])])
    attribute, phrases = SLOTS[slot.lower()]
    options = phrases[values[attribute]]
    forms = options[_pick(random_state, len(options))].split("|")
    phrase = forms[TENSES.index(values["tense"])] if len(forms) > 1 else forms[0]
    return phrase[0].upper() + phrase[1:] if slot[0].isupper() else phrase


class Reading(NamedTuple):
    """What a text tells, as `read_story` finds it.

    Attributes
    ----------
    attributes : dict
        For each attribute the value that most sentences tell, of two told as often the first; None
        where none tells it.
    sentences : tuple
        For each whole sentence what it tells, a dict; None where the grammar has no such sentence.
    """

    attributes: dict[str, str | None]
    sentences: tuple[dict[str, str] | None, ...]

    @property
    def parsed(self) -> float:
        """The share of whole sentences that the grammar has; nan where there is no sentence.

        Examples
        --------
        >>> read_story("It was a rainy day. It rainy was a day. It").parsed
        0.5
        """
        if not self.sentences:
            return float("nan")
        return sum(one is not None for one in self.sentences) / len(self.sentences)

    @property
    def contradicted(self) -> tuple[str, ...]:
        """The attributes of which two sentences tell different values.

        Examples
        --------
        >>> read_story("It felt sad. It sees a kite.").contradicted
        ('tense',)
        """
        return tuple(name for name in ATTRIBUTES if len({*self._told(name)}) > 1)

    def _told(self, name: str) -> list[str]:
        return [one[name] for one in self.sentences if one and name in one]


def read_story(text: str) -> Reading:
    """Read what a text tells.

    Parameters
    ----------
    text : str
        A story, a part of one, or whatever a model wrote. What stands behind the last full stop is
        left out.

    Returns
    -------
    Reading
        Of a whole story that the grammar wrote, every attribute as it was chosen.

    Raises
    ------
    LatentTypeError
        If it is no text.

    Examples
    --------
    >>> reading = read_story("A cat lived on the farm. Sadly it ate cream. The moon is a cheese.")
    >>> reading.attributes
    {'animal': 'cat', 'place': 'farm', 'mood': 'sad', 'tense': 'past', 'weather': None}
    >>> reading.sentences[1:]
    ({'mood': 'sad', 'tense': 'past', 'animal': 'cat'}, None)
    """
    if not isinstance(text, str):
        raise LatentTypeError(f"text is {brief(text)}; expected a text.")
    *whole, _ = text.split(".")
    sentences = tuple(_read_sentence(f"{one}.".strip()) for one in whole)
    empty = Reading({}, sentences)
    attributes = {
        name: Counter(told).most_common(1)[0][0] if (told := empty._told(name)) else None
        for name in ATTRIBUTES
    }
    return Reading(attributes, sentences)


def _read_sentence(sentence: str) -> dict[str, str] | None:
    for pattern, holes in _patterns():
        if match := pattern.fullmatch(sentence):
            told: dict[str, str] = {}
            for hole, phrase in zip(holes, match.groups(), strict=True):
                for attribute, value in meanings(hole)[phrase].items():
                    if told.setdefault(attribute, value) != value:
                        return None
            return told
    return None


@cache
def _patterns() -> list[tuple[re.Pattern[str], list[str]]]:
    """Give for each template the expression of its sentences, and its holes."""
    found = []
    for template in TELLS:
        holes = [match[0] for match in HOLE.finditer(template)]
        plain = [re.escape(part) for part in re.split(r"\{\w+\}|\[\w+\|\w+\]", template)]
        choices = [f"({'|'.join(map(re.escape, meanings(hole)))})" for hole in holes]
        parts = [plain[0], *(a + b for a, b in zip(choices, plain[1:], strict=True))]
        found.append((re.compile("".join(parts)), holes))
    return found


@cache
def meanings(hole: str) -> dict[str, dict[str, str]]:
    """Give for each phrase that may stand in a hole what it tells."""
    name = hole[1:-1]
    if hole[0] == "[":
        return {verb: {"tense": tense} for verb, tense in zip(name.split("|"), TENSES, strict=True)}
    attribute, phrases = SLOTS[name.lower()]
    found: dict[str, dict[str, str]] = {}
    for value, options in phrases.items():
        for option in options:
            forms = option.split("|")
            for i, form in enumerate(forms):
                phrase = form[0].upper() + form[1:] if name[0].isupper() else form
                tense = {"tense": TENSES[i]} if len(forms) > 1 else {}
                found[phrase] = {attribute: value, **tense}
    return found


def words() -> list[str]:
    """Give the words of which stories are written, the full stop among them, in a fixed order.

    Examples
    --------
    >>> len(words()), words()[:3]
    (184, ['.', 'A', 'Angrily'])
    """
    found = {"."}
    for template in TELLS:
        plain = HOLE.sub(" ", template).rstrip(".")
        holes = (match[0] for match in HOLE.finditer(template))
        for part in (plain, *(phrase for hole in holes for phrase in meanings(hole))):
            found.update(part.split())
    return sorted(found)
