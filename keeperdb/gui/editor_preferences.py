"""How the editor looks and what its keys do, as the person set it."""

from dataclasses import dataclass

from keeperdb.settings import Settings


@dataclass(frozen=True, slots=True)
class EditorPreferences:
    """`font_size` is in pixels, `tab_width` in columns."""

    font_size: int = 13
    tab_width: int = 4
    indent_with_spaces: bool = True
    word_wrap: bool = False
    line_numbers: bool = True
    show_spaces: bool = False
    close_pairs: bool = False
    folding: bool = True

    @classmethod
    def from_settings(cls, settings: Settings) -> "EditorPreferences":
        return cls(
            settings.number("editor.font_size"),
            settings.number("editor.tab_width"),
            settings.is_on("editor.indent_with_spaces"),
            settings.is_on("editor.word_wrap"),
            settings.is_on("editor.line_numbers"),
            settings.is_on("editor.show_spaces"),
            settings.is_on("editor.close_pairs"),
            settings.is_on("editor.folding"),
        )
