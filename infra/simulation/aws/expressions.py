"""Condition and update expressions of DynamoDB: the parts that the table's adapter uses."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from infra.simulation.aws.errors import invalid_request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Item = Mapping[str, Mapping[str, str]]
    # Takes an item and the names and values of the request.
    Operand = Callable[[Item, Mapping[str, str], Mapping[str, Any]], Any]
    Condition = Callable[[Item, Mapping[str, str], Mapping[str, Any]], bool]

TOKEN: Final = re.compile(r"\s*(<>|<=|>=|[=<>(),]|[#:]?[A-Za-z_][A-Za-z0-9_]*)")
COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": lambda left, right: bool(left == right),
    "<>": lambda left, right: bool(left != right),
    "<": lambda left, right: bool(left < right),
    "<=": lambda left, right: bool(left <= right),
    ">": lambda left, right: bool(left > right),
    ">=": lambda left, right: bool(left >= right),
}


def holds(
    expression: str | None,
    item: Item | None,
    names: Mapping[str, str] | None,
    values: Mapping[str, Any] | None,
) -> bool:
    """Whether a condition holds for an item; None stands for no item."""
    if expression is None:
        return True
    return _condition(expression)(item or {}, names or {}, values or {})


def assignments(
    expression: str, names: Mapping[str, str] | None, values: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the values that an update expression of the form `SET a = :b, ...` assigns."""
    parser = _Parser(expression)
    parser.expect("SET")
    found = {}
    while True:
        name = _resolve(parser.next(), names or {})
        parser.expect("=")
        found[name] = (values or {})[parser.next()]
        if parser.is_done:
            return found
        parser.expect(",")


@lru_cache
def _condition(expression: str) -> Condition:
    parser = _Parser(expression)
    condition = parser.disjunction()
    if not parser.is_done:
        raise invalid_request(f"Syntax error near {parser.next()}.")
    return condition


class _Parser:
    """A parser by recursive descent."""

    def __init__(self, expression: str) -> None:
        self._tokens = TOKEN.findall(expression)
        if "".join(self._tokens) != re.sub(r"\s", "", expression):
            raise invalid_request("The expression has a character that is not allowed.")
        self._tokens.reverse()

    @property
    def is_done(self) -> bool:
        return not self._tokens

    def next(self) -> str:
        if not self._tokens:
            raise invalid_request("The expression ends too early.")
        token: str = self._tokens.pop()
        return token

    def expect(self, token: str) -> None:
        if (found := self.next()).upper() != token:
            raise invalid_request(f"Syntax error near {found}.")

    def _accept(self, token: str) -> bool:
        if self._tokens and self._tokens[-1].upper() == token:
            self._tokens.pop()
            return True
        return False

    def disjunction(self) -> Condition:
        left = self._conjunction()
        while self._accept("OR"):
            left = _either(left, self._conjunction())
        return left

    def _conjunction(self) -> Condition:
        left = self._term()
        while self._accept("AND"):
            left = _both(left, self._term())
        return left

    def _term(self) -> Condition:
        if self._accept("NOT"):
            negated = self._term()
            return lambda item, names, values: not negated(item, names, values)
        if self._accept("("):
            inner = self.disjunction()
            self.expect(")")
            return inner
        token = self.next()
        if token in ("attribute_exists", "attribute_not_exists"):
            self.expect("(")
            name = self.next()
            self.expect(")")
            wanted = token == "attribute_exists"  # noqa: S105 - no password
            return lambda item, names, _values: (_resolve(name, names) in item) is wanted
        compare = COMPARISONS[self.next()]
        return _comparison(_operand(token), compare, _operand(self.next()))


def _either(left: Condition, right: Condition) -> Condition:
    return lambda *given: left(*given) or right(*given)


def _both(left: Condition, right: Condition) -> Condition:
    return lambda *given: left(*given) and right(*given)


def _comparison(left: Operand, compare: Callable[[Any, Any], bool], right: Operand) -> Condition:
    def condition(item: Item, names: Mapping[str, str], values: Mapping[str, Any]) -> bool:
        one, other = left(item, names, values), right(item, names, values)
        if one is None or type(one) is not type(other):
            return compare is COMPARISONS["<>"]  # every other comparison is false then
        return compare(one, other)

    return condition


def _operand(token: str) -> Operand:
    if token.startswith(":"):
        return lambda _item, _names, values: _plain(values[token])
    return lambda item, names, _values: _plain(item.get(_resolve(token, names)))


def _resolve(token: str, names: Mapping[str, str]) -> str:
    return names[token] if token.startswith("#") else token


def _plain(value: Mapping[str, str] | None) -> Any:
    if value is None:
        return None
    return Decimal(value["N"]) if "N" in value else value["S"]
