"""What she tells beside the amount, and which of it changes nothing: reasons, places, trades, feelings, names.

* A word that we do not know is overlooked unless it is telling (`telling`), counted or priced, or stands where the verb
  of another sentence than her pay would.
* A clause without a number or a span is a story; a negation in it is no negation of the amount.
* Her own people leave a doubt, unless she works for them or beside them ("cuido a mi nieta", "el puesto de mi tía").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from conversations.answers import Period
from conversations.reading.lexicon import Role
from conversations.reading.phrases import Piece
from conversations.reading.telling import is_relative, is_telling
from conversations.reading.words import entries

_NUMERIC = {Role.DIGITS, Role.NUMBER, Role.THOUSAND, Role.MILLION}
_MONEY = {Role.CURRENCY, Role.SLANG}
_PAY = {Role.EARNING, Role.PAYING}
_COUNTED = {
    Role.DAYS, Role.HOURS, Role.KIN, Role.COUNTED, Role.TIMES, Role.VISITS, Role.PIECE, Role.OCLOCK, Role.UNKNOWN,
}  # fmt: skip
_GIVES_A_REASON = set(entries("porque|por que|xq|pq|pero|ya que|puesto que"))
_NO_STORY = {
    Role.HEDGE, Role.OR, Role.NIL, Role.PERIOD, Role.SCHEDULE, Role.PAYDAY, Role.TODAY, Role.EACH, Role.PER_HOUR,
    Role.MINIMUM, Role.AT_LEAST, Role.LOWER, Role.UPPER, Role.LESS, Role.MORE, Role.NOT_OURS, Role.REST, Role.SOLD,
    Role.HALF, Role.HALF_MORE, Role.TIMES, Role.VISITS, Role.MONTH_NAME, Role.DAYS, Role.BETWEEN, Role.CLOCK,
    Role.OCLOCK, Role.YEAR_OF, Role.HOURS, Role.CENTS, *_MONEY,
}  # fmt: skip
_OF_A_STORY = {Role.UNKNOWN, Role.PIECE, Role.KIN, Role.WEEKDAY, Role.SELLING, Role.COUNTED, Role.NOT, Role.TO}
_OF_A_DENIAL = {Role.IN_KIND, Role.SOLD, *_PAY}
_BEFORE_A_NOUN = set(
    entries("de|del|en|con|cn|por|a|al|el|la|los|las|un|una|unos|unas|mi|mis|su|sus|lo|como|soy|d|x|sin|muy|bien|y")
)
_ARTICLES = {"mi", "mis", "la", "el", "los", "las", "una", "un", "unos", "unas", "su", "sus", "dos", "2", "tres", "3"}
_HAPPENED = {Role.UNKNOWN, Role.GOING, Role.WORKING, Role.EARNING, Role.IN_KIND, Role.SOLD}
_AT_A_RATE = {"por", "x", "cada", "c /", "la", "el", "al", "a la", "p /"}
_WORKS_FOR = set(entries("cuido|cuidar|cuidando|ayudo|ayudar|ayudando|atiendo|atender|atendiendo|lavo|limpio|plancho"))
_WORKS_BESIDE = set(entries("trabajo|trabajando|vivo|ayudante|ayudo|vendo|estoy"))
_HIRES = set(entries("me paga|me pago|me pagan|me pagaron"))
_CHARGES = {"cobro", "cobramos"}
_RECEIVED = ("me ", "nos ", "son", "fueron")
_INDEFINITE = set(entries("unos|unas|como"))
_WHAT_A_WEEK = set(entries("buena|buenas|mala|malas|baja|alta|floja|regular|entera"))
_DOING = ("ando", "iendo", "ar", "er", "ir")
_NO_VERB = ("ando", "iendo", "s", "d", "z", "l", "r")
_ADDRESS = {"vivo", "vivimos"}
_SHORTEST_WORD = 2


def overlook(pieces: Sequence[Piece]) -> list[Piece]:
    """Return `pieces` with what changes nothing made understood; as many as before, in their order."""
    return [piece for clause in _clauses(pieces) for piece in clause.overlooked()]


def _clauses(pieces: Sequence[Piece]) -> Iterator[_Clause]:
    start = 0
    for at, piece in enumerate(pieces):
        joins = piece.role is Role.AND and at > 0 and pieces[at - 1].role not in _NUMERIC
        if piece.role is Role.PAUSE or joins or piece.text in _GIVES_A_REASON:
            yield _Clause(pieces, range(start, at))
            start = at
    yield _Clause(pieces, range(start, len(pieces)))


def _is_plain(piece: Piece) -> bool:
    """Whether it is a word that we do not know and that nothing makes telling."""
    word = piece.text
    known = piece.role is not Role.UNKNOWN or not word.isalpha() or len(word) < _SHORTEST_WORD
    return not known and not is_telling(word) and not is_relative(word)


def _is_person(piece: Piece) -> bool:
    return piece.role in {Role.UNKNOWN, Role.KIN} and is_relative(piece.text)


@dataclass(frozen=True, slots=True)
class _Clause:
    """The pieces at `places`, from one pause or conjunction to the next, among all of her text."""

    pieces: Sequence[Piece]
    places: range

    def overlooked(self) -> list[Piece]:
        """Its pieces, with what changes nothing beside an amount made understood."""
        if self._is_story():
            quiet = _OF_A_STORY | (_OF_A_DENIAL if self._is_denial() else set())
            return [replace(piece, role=Role.FILLER) if piece.role in quiet else piece for piece in self._told()]
        return [
            replace(self.pieces[at], role=role) if role is not None else self._spanned(at)
            for at in self.places
            for role in (self._role_beside(at),)
        ]

    def _role_beside(self, at: int) -> Role | None:
        """The role that the piece at `at` has beside an amount; None where it keeps its own."""
        piece = self.pieces[at]
        if _is_person(piece):
            return Role.FILLER if self._is_worked_for(at) and not self._is_counted(at) else None
        if piece.role is Role.PIECE:
            return None if self._is_priced(at) else Role.FILLER
        if self._is_aside_by_place(at):
            return Role.FILLER
        if not _is_plain(piece):
            return None
        if self._is_making(at):
            return Role.MAKING
        return Role.FILLER if self._says_nothing(at) else None

    def _is_aside_by_place(self, at: int) -> bool:
        """Whether a word of several senses has, there, one that changes nothing ("unos manteles", "de turno")."""
        piece, after = self.pieces[at], self.pieces[at + 1 : at + 2]
        amount = self._amount()
        if piece.text in _INDEFINITE:
            return any(_is_plain(one) or one.role is Role.PIECE for one in after)
        if piece.text == "turno":
            return self._text(at - 1) == "de" and not self._is_number(at - 2)
        return piece.text == "vendiendo" and amount is not None and at > amount

    def _spanned(self, at: int) -> Piece:
        """The piece at `at`; "toda la semana" is the span of an amount that has no other, but not for sure."""
        piece = self.pieces[at]
        if piece.text != "toda la semana":
            return piece
        if any(one.role is Role.SCHEDULE for one in self.pieces):
            return replace(piece, role=Role.FILLER)
        spans = any(one.role is Role.PERIOD for one in self.pieces)
        return piece if spans or self._amount() is None else Piece(Role.PERIOD, "semana", Period.WEEK.value, sure=False)

    def _told(self) -> list[Piece]:
        return [self.pieces[at] for at in self.places]

    def _text(self, at: int) -> str:
        return self.pieces[at].text if 0 <= at < len(self.pieces) else ""

    def _is_number(self, at: int) -> bool:
        piece = self.pieces[at] if 0 <= at < len(self.pieces) else None
        return piece is not None and piece.role in _NUMERIC and piece.text not in {"un", "una", "uno"}

    def _is_counted(self, at: int) -> bool:
        return self._is_number(at - 1)

    def _amount(self) -> int | None:
        """The place of the first number that counts nothing but money."""
        for at in self.places:
            end = at
            while self._is_number(end):
                end += 1
            counts = end < len(self.pieces) and self.pieces[end].role in _COUNTED
            if end > at and not counts:
                return at
        return None

    def _is_story(self) -> bool:
        """Whether the clause holds nothing that an amount may depend on."""
        told = self._told()
        reason = bool(told) and told[0].text in _GIVES_A_REASON
        nothing = any(piece.role is Role.NIL for piece in self.pieces)
        never = _NO_STORY - (_OF_A_DENIAL if self._is_denial() else set())
        if any(piece.role in never for piece in told) or any(self._is_number(at) for at in self.places):
            return False
        for at in self.places:
            piece = self.pieces[at]
            if _is_person(piece) and not ((reason and told[0].text != "pero") or nothing or self._is_worked_for(at)):
                return False
            if piece.role is Role.UNKNOWN and not _is_person(piece) and not _is_plain(piece):
                return False
        if not self._is_denial():
            return True
        if not nothing and not any(self._is_number(at) for at in range(len(self.pieces))):
            return False
        in_kind = any(piece.role is Role.IN_KIND for piece in told)
        paid = any(piece.role in _PAY and not piece.text.startswith("trabaj") for piece in told)
        return any(piece.role in _HAPPENED for piece in told) and (reason or in_kind or not paid)

    def _is_denial(self) -> bool:
        return any(piece.role is Role.NOT for piece in self._told())

    def _is_worked_for(self, at: int) -> bool:
        """Whether somebody of hers is who she works for, or only helps to name a place or herself."""
        if self._text(at + 1) in _HIRES:
            return True
        before = at - 1
        while self._text(before) in _ARTICLES:
            before -= 1
        joint = self._text(before)
        first = joint.split()[:1]
        if joint in _WORKS_FOR or joint == "soy":
            return True
        if first in (["a"], ["al"]):
            return self._text(before - 1) in _WORKS_FOR
        if first == ["con"]:
            return any(_WORKS_BESIDE & set(piece.text.split()) for piece in self.pieces[max(0, before - 3) : before])
        return first == ["de"] and self._is_place(before - 1)

    def _is_place(self, at: int) -> bool:
        """Whether it is a noun that a person may own: "la fonda de mi tía", but not "900 de mi tía"."""
        if at < 0 or self.pieces[at].role not in {Role.FILLER, Role.UNKNOWN, Role.PIECE}:
            return False
        word = self.pieces[at].text.split()[-1]
        return word.isalpha() and len(word) > len("lo") + 1 and not is_telling(word)

    def _is_making(self, at: int) -> bool:
        """Whether it tells that she made so many pieces, which have their price ("empaqué 150")."""
        priced = any(piece.role is Role.EACH for piece in self.pieces)
        return priced and self._is_number(at + 1) and self.pieces[at].text.endswith(("e", "i"))

    def _is_priced(self, at: int) -> bool:
        """Whether a kind of piece is counted or may have its price there."""
        if self._is_counted(at) or any(piece.role in {Role.EACH, Role.PER_HOUR} for piece in self.pieces):
            return True
        number = next((place for place in range(at + 1, len(self.pieces)) if self._is_number(place)), None)
        if number is None:
            return False
        joined = self.pieces[number - 1].role in {Role.TO, Role.OF, Role.CURRENCY} or self._text(number - 1) == "x"
        introduced = self._text(at - 1).split()[:1] in (["con"], ["de"]) or self._text(at - 2) in {"con", "de"}
        beside = number == at + 1 or (number == at + 2 and self.pieces[at + 1].role not in _PAY)
        return joined or (beside and not introduced)

    def _says_nothing(self, at: int) -> bool:
        """Whether a plain word in a clause that an amount may depend on still says nothing about it."""
        if any(piece.role is Role.NIL for piece in self._told()):
            return False
        if self._is_counted(at):
            return self._text(at).endswith(_DOING)
        amount = self._amount()
        if amount is None:
            return True
        told = self._told()
        paid = any(piece.role in _PAY or piece.text.startswith(_RECEIVED) for piece in told)
        if at > amount:
            return self._may_follow(at, paid=paid)
        if self._text(at) in _ADDRESS:
            return paid
        return paid or at + 1 != amount or self._text(at).endswith(_NO_VERB) or self._is_introduced(at)

    def _is_introduced(self, at: int) -> bool:
        return at > self.places.start and self._text(at - 1).split()[-1] in _BEFORE_A_NOUN

    def _may_follow(self, at: int, *, paid: bool) -> bool:
        """Whether a word after an amount leaves it as it is: not what it prices, buys or is meant for."""
        word = self._text(at)
        if word in {"para", "pa"} or (self.pieces[at - 1].role is Role.PERIOD and word in _WHAT_A_WEEK):
            return False
        last = at
        while not self._is_number(last) and self.pieces[last].role not in _MONEY:
            last -= 1
        between = [self._text(place) for place in range(last + 1, at)]
        charges = between[:1] == ["por"] and any(piece.text in _CHARGES for piece in self._told())
        if charges or (len(between) == 1 and between[0] in _AT_A_RATE):
            return word.endswith(_DOING)
        return paid or not between or between[0].split()[0] not in {"de", "del", "en"}
