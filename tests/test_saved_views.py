"""The file of saved views: shared, never lost, in the words of the configuration."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlwatch.config import ConfigError, parse
from adlwatch.config.shape import ViewTable
from adlwatch.config.views import SavedViews, toml
from adlwatch.store.lease import Lease

HOT = ViewTable(filter="!ok venue:bybit", sort="light", columns=("lights", "carry"), folded=("btc", 'a "b" \\ c'))
WORDS = st.text(st.characters(codec="utf-8"), max_size=12)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "views.toml"


def test_what_one_session_saves_another_finds(path: Path) -> None:
    here, there = SavedViews(path), SavedViews(path)
    here.save("hot", HOT)
    there.save("all", ViewTable(screen="positions"))
    assert here.saved() == {"hot": HOT, "all": ViewTable(screen="positions")}
    here.rename("hot", "hotter")
    there.delete("all")
    assert list(here.saved()) == ["hotter"]
    assert path.stat().st_mode & 0o077 == 0
    assert [file.name for file in path.parent.iterdir() if file.suffix == ".part"] == []


def test_renaming_onto_another_takes_its_place(path: Path) -> None:
    views = SavedViews(path)
    views.save("a", HOT)
    views.save("b", ViewTable())
    views.rename("a", "b")
    assert views.saved() == {"b": HOT}


@settings(max_examples=60)
@given(
    st.dictionaries(
        WORDS,
        st.builds(
            ViewTable,
            filter=WORDS,
            sort=WORDS,
            reverse=st.booleans(),
            columns=st.lists(WORDS, max_size=3).map(tuple),
            folded=st.lists(WORDS, max_size=3).map(tuple),
        ),
        max_size=3,
    )
)
def test_whatever_is_saved_reads_back_here_and_in_the_configuration(views: dict[str, ViewTable]) -> None:
    assert dict(parse(toml(views), Path("config.toml")).views) == views


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[views", "is not TOML"),
        ('[views.hot]\nfiltr = "x"\n', 'views.hot.filtr: unknown key; did you mean "filter"?'),
        ("[views.hot]\nsort = 3\n", "views.hot.sort: expected a text, got 3"),
        ("\x00", "is not TOML"),
    ],
)
def test_a_broken_file_is_one_line_and_is_moved_aside_before_it_would_be_lost(path: Path, text: str, problem: str) -> None:
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    views = SavedViews(path)
    with pytest.raises(ConfigError, match=r"views\.toml") as told:
        views.saved()
    assert problem in str(told.value)
    assert "\n" not in str(told.value)
    note = views.save("hot", HOT)
    assert "moved to views.toml.damaged-1" in note
    assert (path.parent / "views.toml.damaged-1").read_text(encoding="utf-8") == text
    assert views.saved() == {"hot": HOT}


def test_bytes_that_are_no_text_are_one_line_too(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        SavedViews(path).saved()


def test_nothing_is_written_while_another_session_writes(path: Path) -> None:
    views = SavedViews(path)
    views.save("hot", HOT)
    other = Lease(path)
    assert other.take()
    with pytest.raises(ConfigError, match="another adlwatch is just saving"):
        views.delete("hot")
    other.give_up()
    assert views.saved() == {"hot": HOT}


def test_a_directory_that_refuses_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        SavedViews(tmp_path / "file" / "views.toml").save("hot", HOT)
    with pytest.raises(ConfigError, match="no directory"):
        SavedViews().save("hot", HOT)


def test_a_file_that_cannot_be_moved_aside_is_left_alone(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(ConfigError, match="cannot be read"):
        SavedViews(path).save("hot", HOT)
    assert path.is_dir()
