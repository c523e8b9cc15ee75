"""Settings: one schema, a file that survives damage and other windows, and words that help."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.errors import SettingsError, StoreError
from keeperdb.settings import SCHEMA, SETTINGS, Setting, Settings, did_you_mean, find_setting


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


def written(path: Path, **values: object) -> Settings:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(values))
    return Settings(path)


class TestSchema:
    @pytest.mark.parametrize("setting", SETTINGS.values(), ids=lambda setting: setting.name)
    def test_every_setting_is_described_and_its_default_is_allowed(self, setting: Setting) -> None:
        assert setting.check(setting.default) == setting.default
        assert setting.label
        assert setting.help.endswith(".")
        assert setting.parse(str(setting.default)) == setting.default

    def test_names_are_unique_and_begin_with_their_page(self) -> None:
        names = [setting.name for page in SCHEMA for setting in page.settings]
        assert len(names) == len(set(names)) == len(SETTINGS)
        assert all(setting.name.startswith(page.name + ".") for page in SCHEMA for setting in page.settings)

    def test_no_setting_holds_a_secret(self) -> None:
        assert not [name for name in SETTINGS if any(word in name for word in ("password", "secret", "token"))]


class TestParsing:
    @pytest.mark.parametrize(
        ("name", "text", "value"),
        [
            ("editor.word_wrap", "on", True),
            ("editor.word_wrap", "FALSE", False),
            ("editor.font_size", "8", 8),
            ("editor.font_size", "32", 32),
            ("appearance.theme", "dark", "dark"),
            ("results.null_text", "", ""),
            ("results.csv_delimiter", "\t", "\t"),
        ],
    )
    def test_text_becomes_a_value(self, name: str, text: str, value: object) -> None:
        assert find_setting(name).parse(text) == value

    @pytest.mark.parametrize(
        ("name", "text", "hint"),
        [
            ("editor.word_wrap", "maybe", "true or false"),
            ("editor.font_size", "7", "from 8 to 32 px"),
            ("editor.font_size", "33", "from 8 to 32 px"),
            ("editor.font_size", "13.5", "from 8 to 32 px"),
            ("editor.font_size", "", "from 8 to 32 px"),
            ("appearance.theme", "drak", "Did you mean “dark”?"),
            ("appearance.theme", "blue", "One of: system, light, dark, contrast."),
        ],
    )
    def test_what_cannot_be_set_is_refused_with_what_can(self, name: str, text: str, hint: str) -> None:
        with pytest.raises(SettingsError) as caught:
            find_setting(name).parse(text)
        assert name in caught.value.message
        assert hint in caught.value.hint

    @pytest.mark.parametrize("value", [True, 13.0, "13", None, [13]])
    def test_a_number_is_no_other_type(self, value: object) -> None:
        with pytest.raises(SettingsError):
            find_setting("editor.font_size").check(value)

    def test_an_unknown_name_brings_the_nearest(self) -> None:
        with pytest.raises(SettingsError) as caught:
            find_setting("editor.fontsize")
        assert caught.value.hint == "Did you mean “editor.font_size”?"
        with pytest.raises(SettingsError) as caught:
            find_setting("zzz")
        assert "config list" in caught.value.hint

    @given(st.text(), st.lists(st.text()))
    def test_did_you_mean_names_a_candidate_or_nothing(self, word: str, candidates: list[str]) -> None:
        hint = did_you_mean(word, candidates)
        assert hint == "" or hint in [f"Did you mean “{candidate}”?" for candidate in candidates]


class TestFile:
    def test_without_a_file_the_defaults_hold_and_nothing_is_written(self, path: Path) -> None:
        settings = Settings(path)
        assert settings.number("editor.font_size") == 13
        assert settings.is_on("editor.line_numbers")
        assert settings.text("appearance.theme") == "system"
        assert settings.warnings == []
        assert not path.parent.exists()

    def test_only_what_differs_is_written(self, path: Path) -> None:
        settings = Settings(path)
        settings.set_many({"editor.font_size": 20, "editor.word_wrap": False})
        assert json.loads(path.read_text()) == {"editor.font_size": 20}
        assert not settings.is_default("editor.font_size")
        settings.reset("editor.font_size")
        assert json.loads(path.read_text()) == {}
        assert settings.is_default("editor.font_size")

    def test_a_value_comes_back(self, path: Path) -> None:
        Settings(path).set("results.null_text", "∅ \udc80")
        again = Settings(path)
        assert again.text("results.null_text") == "∅ \udc80"
        assert again.warnings == []

    def test_one_bad_value_of_several_changes_nothing(self, path: Path) -> None:
        settings = Settings(path)
        with pytest.raises(SettingsError):
            settings.set_many({"editor.word_wrap": True, "editor.font_size": 1000})
        assert not settings.is_on("editor.word_wrap")
        assert not path.exists()

    def test_a_value_that_cannot_be_used_is_named_and_the_default_holds(self, path: Path) -> None:
        settings = written(path, **{"editor.font_size": 1000, "editor.word_wrap": "yes", "appearance.theme": ["dark"]})
        assert settings.number("editor.font_size") == 13
        assert not settings.is_on("editor.word_wrap")
        assert settings.text("appearance.theme") == "system"
        assert len(settings.warnings) == 3
        assert any("editor.font_size cannot be 1000" in warning for warning in settings.warnings)

    def test_an_unknown_name_is_named_once_with_the_nearest_and_kept(self, path: Path) -> None:
        settings = written(path, **{"editor.fontsize": 20, "future.thing": {"a": 1}})
        settings.set("editor.word_wrap", True)
        settings.set("editor.word_wrap", False)
        assert json.loads(path.read_text()) == {"editor.fontsize": 20, "future.thing": {"a": 1}}
        assert len(settings.warnings) == 2
        assert any("Did you mean “editor.font_size”?" in warning for warning in settings.warnings)

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b"5", b"\xff\xfe", b"[" * 100_000])
    def test_a_damaged_file_is_set_aside_and_the_defaults_hold(self, path: Path, content: bytes) -> None:
        path.parent.mkdir()
        path.write_bytes(content)
        settings = Settings(path)
        aside = path.parent / "settings.damaged-1.json"
        assert aside.read_bytes() == content
        assert any(str(aside) in warning for warning in settings.warnings)
        settings.set("editor.font_size", 20)
        assert Settings(path).number("editor.font_size") == 20

    def test_a_file_that_cannot_be_read_is_not_overwritten(self, path: Path) -> None:
        path.mkdir(parents=True)
        settings = Settings(path)
        assert settings.number("editor.font_size") == 13
        assert settings.warnings
        with pytest.raises(StoreError):
            settings.set("editor.font_size", 20)
        assert path.is_dir()
        assert settings.number("editor.font_size") == 13

    def test_a_listener_is_told_each_name_after_it_was_written(self, path: Path) -> None:
        settings = Settings(path)
        seen: list[tuple[str, object]] = []
        settings.subscribe(lambda name: seen.append((name, settings.get(name))))
        settings.set_many({"editor.font_size": 20, "editor.word_wrap": True})
        assert seen == [("editor.font_size", 20), ("editor.word_wrap", True)]


class TestOtherWindows:
    def test_two_windows_keep_each_others_values(self, path: Path) -> None:
        left, right = Settings(path), Settings(path)
        left.set("editor.font_size", 20)
        right.set("editor.tab_width", 8)
        assert json.loads(path.read_text()) == {"editor.font_size": 20, "editor.tab_width": 8}
        assert right.number("editor.font_size") == 20

    def test_two_programs_writing_at_once_lose_nothing(self, path: Path) -> None:
        code = """
import sys
from pathlib import Path
from keeperdb.settings import Settings
settings = Settings(Path(sys.argv[1]))
for number in range(10, 30):
    settings.set(sys.argv[2], number if sys.argv[2] != "editor.tab_width" else number % 15 + 1)
"""
        names = ("editor.font_size", "editor.tab_width", "results.page_size")
        writers = [subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in names]
        assert [writer.wait(60) for writer in writers] == [0, 0, 0]
        assert json.loads(path.read_text()) == {
            "editor.font_size": 29,
            "editor.tab_width": 15,
            "results.page_size": 29,
        }
