"""Reading a page as a browser without JavaScript does: its text, its forms and their fields."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

SILENT = frozenset({"script", "style", "head"})


@dataclass
class Form:
    """One form: where it goes, and what it would send as it stands."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict[str, str])
    choices: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    buttons: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    @property
    def names(self) -> set[str]:
        """The names of all its controls."""
        return {*self.fields, *self.choices, *self.buttons}


@dataclass
class Page:
    """A page's visible text and its forms."""

    text: str
    forms: list[Form]

    def form_with(self, *names: str) -> Form | None:
        """The first form that has all these controls."""
        return next((form for form in self.forms if set(names) <= form.names), None)

    def form_offering(self, name: str, value: str) -> Form | None:
        """The first form in which control `name` can send `value`."""
        return next(
            (
                form
                for form in self.forms
                if value in form.choices.get(name, []) + form.buttons.get(name, []) + [form.fields.get(name)]
            ),
            None,
        )


def read_page(html: str) -> Page:
    """Parse `html`."""
    reader = _Reader()
    reader.feed(html)
    return Page(" ".join(" ".join(reader.words).split()), reader.forms)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.forms: list[Form] = []
        self._silent = 0
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in SILENT:
            self._silent += 1
        elif tag == "form":
            self.forms.append(Form(values.get("action", ""), values.get("method", "get").lower()))
        elif self.forms:
            self._control(tag, values, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent -= 1
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)

    def _control(self, tag: str, values: dict[str, str], given: dict[str, Any]) -> None:
        form, name = self.forms[-1], values.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            form.choices.setdefault(self._select, []).append(values.get("value", ""))
            if "selected" in given:
                form.fields[self._select] = values.get("value", "")
        elif tag == "textarea" and name:
            form.fields.setdefault(name, "")
        elif tag == "button" and name:
            form.buttons.setdefault(name, []).append(values.get("value", ""))
        elif tag == "input" and name:
            self._input(form, name, values, given)

    def _input(self, form: Form, name: str, values: dict[str, str], given: dict[str, Any]) -> None:
        kind, value = values.get("type", "text"), values.get("value", "")
        if kind in {"radio", "checkbox"}:
            form.choices.setdefault(name, []).append(value or "on")
            if "checked" in given:
                form.fields[name] = value or "on"
        elif kind == "submit":
            form.buttons.setdefault(name, []).append(value)
        else:
            form.fields[name] = value
