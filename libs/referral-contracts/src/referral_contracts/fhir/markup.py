"""The XHTML of narratives (https://hl7.org/fhir/R4/narrative.html)."""

from typing import Any
from xml.parsers import expat

# fmt: off
_TAGS = frozenset({
    "a", "abbr", "acronym", "area", "b", "big", "blockquote", "br", "caption", "cite", "code", "col",
    "colgroup", "dd", "del", "dfn", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i",
    "img", "ins", "kbd", "li", "map", "ol", "p", "pre", "q", "samp", "small", "span", "strong", "sub",
    "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var",
})
# fmt: on
# fmt: off
_ATTRIBUTES = frozenset({
    "abbr", "accesskey", "align", "alt", "axis", "border", "cellpadding", "cellspacing", "char", "charoff",
    "charset", "cite", "class", "colspan", "coords", "datetime", "dir", "frame", "headers", "height",
    "href", "hreflang", "id", "ismap", "lang", "longdesc", "name", "nohref", "rel", "rev", "rowspan",
    "rules", "scope", "shape", "span", "src", "start", "style", "summary", "tabindex", "target", "title",
    "type", "usemap", "valign", "value", "width", "xml:lang", "xmlns",
})
# fmt: on


def is_narrative(text: str) -> bool:
    """Whether `text` is one `div` of the XHTML that R4 allows, and says something (txt-1, txt-2)."""
    reader = expat.ParserCreate()
    # HTML's named entities, which XML does not know, are passed by.
    reader.UseForeignDTD(True)
    check = _Markup()
    reader.StartElementHandler = check.start
    reader.CharacterDataHandler = check.text
    reader.StartDoctypeDeclHandler = check.refuse
    reader.ProcessingInstructionHandler = check.refuse
    try:
        reader.Parse(text.strip(), True)
    except (expat.ExpatError, UnicodeEncodeError):
        return False
    return check.says_something and not check.unsound


class _Markup:
    """What is seen of a narrative. A refusal ends the reading, before any entity is made larger."""

    def __init__(self) -> None:
        self.unsound = False
        self.says_something = False
        self._is_first = True

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._is_first and tag != "div":
            self.unsound = True
        self._is_first = False
        self.unsound = self.unsound or tag not in _TAGS or not attributes.keys() <= _ATTRIBUTES
        self.says_something = self.says_something or tag == "img"

    def text(self, content: str) -> None:
        self.says_something = self.says_something or not content.isspace()

    def refuse(self, *_: Any) -> None:
        raise expat.ExpatError
