"""The register: one person under every spelling of the name, one id for good."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from archive.errors import InputError, NotFound
from archive.models import Name, Speaker
from archive.people import NAME_CHARACTERS, People, fold, script_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("John F. Kennedy", "JOHN F KENNEDY"),
        ("John F. Kennedy", "Kennedy, John F."),
        ("José Martí", "Jose Marti"),
        ("Jose\u0301", "José"),
        ("Jørgen Łoś", "jorgen los"),
        ("İsmet İnönü", "ismet inönü"),
        ("Weiß", "WEISS"),
        ("علی رضایی", "علي رضايي"),
        ("محمود دولت‌آبادی", "محمود دولت آبادي"),
        ("محمود دولت‌آبادی", "محمود دولتابادی"),
        ("کوروش", "كوروش"),
        ("مُحَمَّد", "محمد"),
        ("أحمد", "احمد"),
        ("فاطمة", "فاطمه"),
        ("سعـــید", "سعید"),
        ("رؤیا", "رویا"),
        ("خامنهٔ", "خامنۀ"),
        ("لویی ۱۴", "لویی 14"),
        ("Иосиф", "иосиф"),
        ("\u200fעמוס\u200e", "עמוס"),
        ("ﻣﺤﻤﺪ", "محمد"),
    ],
)
def test_spellings_of_one_name_find_one_person(tmp_path: Path, one: str, other: str) -> None:
    people = People.load(tmp_path)
    person = people.ensure(one)
    assert people.find(other) == person
    assert people.ensure(other) == person


@pytest.mark.parametrize(
    ("one", "other"), [("Ann Lee", "Anne Lee"), ("کریم", "کرم"), ("कि", "कु"), ("かく", "がく"), ("علی", "علیا")]
)
def test_other_names_are_other_people(tmp_path: Path, one: str, other: str) -> None:
    people = People.load(tmp_path)
    assert people.ensure(one).id != people.ensure(other).id


def test_a_shown_name_stays_as_it_was_written(tmp_path: Path) -> None:
    person = People.load(tmp_path).ensure("  محمود   دولت‌آبادی ")
    assert person.name == "محمود دولت‌آبادی"
    assert person.names == (Name("محمود دولت‌آبادی", "Arab"),)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Obama", "Latn"),
        ("نوروز", "Arab"),
        ("Пушкин", "Cyrl"),
        ("孫文", "Hani"),
        ("김", "Hang"),
        ("Ali علی‌پور", "Arab"),
        ("1961", ""),
    ],
)
def test_the_script_of_a_name_is_seen(text: str, script: str) -> None:
    assert script_of(text) == script


def test_people_outlive_the_process(tmp_path: Path) -> None:
    person = People.load(tmp_path).ensure("Mina Rezaei")
    assert People.load(tmp_path).all() == (person,)
    assert People.load(tmp_path).get(person.id) == person


def test_an_id_is_unique_and_stays_when_names_change(tmp_path: Path) -> None:
    people = People.load(tmp_path)
    first = people.ensure("Ali Rezaei")
    people.put(Speaker(first.id, (Name("A. Rezaei"), Name("علی رضایی")), ("minister",)))
    people.save()
    second = people.ensure("Ali Rezaei")
    assert (first.id, second.id) == ("ali-rezaei", "ali-rezaei-2")
    again = People.load(tmp_path)
    assert again.find("علي رضايي") == again.get("ali-rezaei")
    assert again.get("ali-rezaei").roles == ("minister",)
    assert [name.script for name in again.get("ali-rezaei").names] == ["Latn", "Arab"]


def test_what_is_put_is_not_lost_to_another_process(tmp_path: Path) -> None:
    mine, theirs = People.load(tmp_path), People.load(tmp_path)
    person = mine.ensure("Mina")
    theirs.ensure("Sara")
    mine.put(Speaker(person.id, (*person.names, Name("مینا"))))
    theirs.ensure("Nader")
    mine.save()
    assert [person.name for person in People.load(tmp_path).all()] == ["Mina", "Sara", "Nader"]
    assert People.load(tmp_path).find("مینا") == mine.get("mina")


def test_many_names_are_entered_with_one_write(tmp_path: Path) -> None:
    people = People.load(tmp_path)
    found = people.ensure_all(["Mina", "مینا", "MINA"])
    assert [person.id for person in found] == ["mina", "مینا", "mina"]


def test_nobody_gets_the_id_of_a_voice_without_a_name(tmp_path: Path) -> None:
    people = People.load(tmp_path)
    assert people.ensure("Unknown 1").id == "speaker-unknown-1"
    with pytest.raises(InputError):
        people.put(Speaker("unknown-2", (Name("x"),)))


@pytest.mark.parametrize("name", ["", "  ", "...", "\u200c", "-->", "x" * (NAME_CHARACTERS + 1)])
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="no name"):
        People.load(tmp_path).ensure(name)
    assert not (tmp_path / "people.json").exists()


def test_nobody_is_found_under_no_name(tmp_path: Path) -> None:
    people = People.load(tmp_path)
    people.ensure("Mina")
    assert people.find("") is None
    assert people.find("...") is None
    with pytest.raises(NotFound):
        people.get("nobody")


def test_folding_twice_is_folding_once() -> None:
    for name in ("İnönü", "ﻣﺤﻤﺪ", "ẞ", "خامنۀ", "ǆ"):
        assert fold(fold(name)) == fold(name)


def test_a_spelling_is_added_in_another_script(tmp_path: Path) -> None:
    people = People.load(tmp_path)
    sara = people.ensure("Sara Haddadi")
    people.add_name(sara.id, "سارا حدادی")
    people.add_name(sara.id, "سارا حدادی", "Arab")
    people.add_name(sara.id, "Սառա", "Armn")
    again = People.load(tmp_path).find("سارا حدّادی")
    assert again is not None
    assert again.names == (Name("Sara Haddadi", "Latn"), Name("سارا حدادی", "Arab"), Name("Սառա", "Armn"))


def test_a_spelling_that_is_another_persons_name_is_refused(tmp_path: Path) -> None:
    people = People.load(tmp_path)
    people.ensure_all(["Sara Haddadi", "سارا حدادی"])
    with pytest.raises(InputError, match=r"is the name of .*people merge"):
        people.add_name("sara-haddadi", "سارا حدادی")
    with pytest.raises(InputError, match="no script"):
        people.add_name("sara-haddadi", "Sara", "Latin")
    assert len(People.load(tmp_path).all()) == 2


def test_joined_entries_are_one_person_under_all_names_and_ids(tmp_path: Path) -> None:
    people = People.load(tmp_path)
    one, other, third = people.ensure_all(["Sara Haddadi", "سارا حدادی", "S. Haddadi"])
    people.put(replace(other, roles=("minister",)))
    people.save()
    people.join(third.id, other.id)
    people.join(other.id, one.id)
    again = People.load(tmp_path)
    [person] = again.all()
    assert (person.id, person.roles, person.former) == (one.id, ("minister",), (third.id, other.id))
    assert [name.text for name in person.names] == ["Sara Haddadi", "سارا حدادی", "S. Haddadi"]
    for known in (one.id, other.id, third.id):
        assert again.get(known) == person
        assert again.current(known) == one.id
        assert again.shown()[known] == "Sara Haddadi"
    assert again.join(other.id, one.id) == person, "done again, nothing changes"
    with pytest.raises(InputError, match="the same"):
        again.join(one.id, other.id)


def test_the_id_of_a_joined_entry_is_given_to_nobody_again(tmp_path: Path) -> None:
    people = People.load(tmp_path)
    people.ensure_all(["Ali Rezaei", "Sara"])
    people.put(Speaker("ali-rezaei", (Name("Ali"),)))
    people.save()
    people.join("ali-rezaei", "sara")
    assert people.ensure("Ali Rezaei").id == "ali-rezaei-2"


def test_a_change_to_an_entry_that_was_joined_meanwhile_is_refused(tmp_path: Path) -> None:
    people, others = People.load(tmp_path), People.load(tmp_path)
    people.ensure_all(["Ali", "Sara"])
    others.put(Speaker("ali", (Name("Ali"), Name("علی"))))
    people.join("ali", "sara")
    with pytest.raises(InputError, match="joined into sara"):
        others.save()
    assert [person.id for person in People.load(tmp_path).all()] == ["sara"]
