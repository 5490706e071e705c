"""The text of a FHIRPath expression as a tree (http://hl7.org/fhirpath/N1/, grammar of appendix B)."""

import re
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal[
    "literal", "nothing", "this", "variable", "member", "call", "path", "index", "operator", "sign"
]


class NotSupportedError(Exception):
    """The expression uses what the compiler does not know, or cannot be read."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node. `name` is the operator's, member's, function's or variable's; `value` a literal's."""

    kind: Kind
    name: str = ""
    value: Any = None
    parts: tuple["Node", ...] = field(default=())


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d+(?:\.\d+)?)
    | '(?P<text>(?:[^'\\]|\\.)*)'
    | (?P<variable>%(?:[A-Za-z]\w*|'[^']*'|`[^`]*`))
    | (?P<this>\$this)
    | (?P<name>[A-Za-z_]\w*|`[^`]*`)
    | (?P<sign><=|>=|!=|!~|[-+*/&|=~<>.,()\[\]{}])
    )""",
    re.VERBOSE,
)
_BINDING = {
    "implies": 1,
    **dict.fromkeys(("or", "xor"), 2),
    "and": 3,
    **dict.fromkeys(("in", "contains"), 4),
    **dict.fromkeys(("=", "!="), 5),
    **dict.fromkeys(("<", ">", "<=", ">="), 6),
    "|": 7,
    **dict.fromkeys(("is", "as"), 8),
    **dict.fromkeys(("+", "-", "&"), 9),
    **dict.fromkeys(("*", "/", "div", "mod"), 10),
}
"""How tightly each operator binds: the greater the tighter."""
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}
Token = tuple[str, str]


def parsed(expression: str) -> Node:
    """The tree of `expression`. Raises NotSupportedError."""
    reader = _Reader(_tokens(expression))
    tree = reader.expression(0)
    if reader.peek() is not None:
        raise NotSupportedError(expression)
    return tree


def _tokens(expression: str) -> list[Token]:
    tokens: list[Token] = []
    place, end = 0, len(expression.rstrip())
    while place < end:
        match = _TOKEN.match(expression, place)
        if match is None or match.lastgroup is None:
            raise NotSupportedError(expression)
        tokens.append((match.lastgroup, match[match.lastgroup]))
        place = match.end()
    return tokens


class _Reader:
    """Reads tokens by precedence climbing."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._next = 0

    def peek(self) -> Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def expression(self, least: int) -> Node:
        left = self._signed()
        while (token := self.peek()) is not None:
            operator = token[1] if token[0] in {"sign", "name"} else ""
            binding = _BINDING.get(operator, 0)
            if binding <= least:
                break
            self._next += 1
            right = self._type_name() if operator in {"is", "as"} else self.expression(binding)
            left = Node("operator", operator, parts=(left, right))
        return left

    def _signed(self) -> Node:
        if self.peek() in {("sign", "-"), ("sign", "+")}:
            _, sign = self._take()
            return Node("sign", sign, parts=(self._signed(),))
        return self._path()

    def _path(self) -> Node:
        node = self._term()
        while (token := self.peek()) in {("sign", "."), ("sign", "[")}:
            self._next += 1
            if token == ("sign", "."):
                node = Node("path", parts=(node, self._invocation()))
            else:
                node = Node("index", parts=(node, self.expression(0)))
                self._expect("]")
        return node

    def _term(self) -> Node:
        match self._take():
            case ("number", text):
                return Node("literal", value=float(text) if "." in text else int(text))
            case ("text", text):
                return Node("literal", value=_unescaped(text))
            case ("variable", name):
                return Node("variable", name.strip("%'`"))
            case ("this", _):
                return Node("this")
            case ("sign", "("):
                inner = self.expression(0)
                self._expect(")")
                return inner
            case ("sign", "{"):
                self._expect("}")
                return Node("nothing")
            case ("name", "true" | "false" as word):
                return Node("literal", value=word == "true")
            case _:
                self._next -= 1
                return self._invocation()

    def _invocation(self) -> Node:
        kind, name = self._take()
        if kind == "this":
            return Node("this")
        if kind != "name":
            raise NotSupportedError(name)
        if self.peek() != ("sign", "("):
            return Node("member", name.strip("`"))
        self._next += 1
        arguments: list[Node] = []
        while self.peek() != ("sign", ")"):
            arguments.append(self.expression(0))
            if self.peek() == ("sign", ","):
                self._next += 1
        self._next += 1
        return Node("call", name, parts=tuple(arguments))

    def _type_name(self) -> Node:
        _, name = self._take()
        while self.peek() == ("sign", "."):
            self._next += 1
            name = self._take()[1]
        return Node("member", name)

    def _take(self) -> Token:
        token = self.peek()
        if token is None:
            raise NotSupportedError("the expression ends too early")
        self._next += 1
        return token

    def _expect(self, sign: str) -> None:
        if self._take() != ("sign", sign):
            raise NotSupportedError(f"{sign} is missing")


def _unescaped(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        return chr(int(match[1][1:], 16)) if len(match[1]) == 5 else _ESCAPES.get(match[1], match[1])

    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", plain, text, flags=re.DOTALL)
