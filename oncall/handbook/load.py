"""Reads the files of config/ and rotations/ into one Handbook, or tells every problem."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from oncall.core.letters import PREFIX
from oncall.core.letters import problems as letter_problems
from oncall.core.model import AfterHours, Handbook, Person
from oncall.core.place import Place
from oncall.core.publishing.wording import problems as sentence_problems
from oncall.core.rota import Rotation
from oncall.core.texts_policy_en import POLICY
from oncall.core.wording import TRANSLATED
from oncall.core.wording import problems as text_problems
from oncall.handbook.changes import read_away, read_changes
from oncall.handbook.grammar import KEYS, VERSION
from oncall.handbook.guidelines import is_guideline
from oncall.handbook.holidays import LOCK, LOCK_FILE, Lock, Named, read_calendars, read_lock, read_named
from oncall.handbook.hours import read_hours
from oncall.handbook.ladders import read_escalations, read_services
from oncall.handbook.people import read_people, read_targets
from oncall.handbook.policy import Known, Policy, read_policy
from oncall.handbook.problems import Problem, Problems
from oncall.handbook.reach import read_reach
from oncall.handbook.reader import Reader
from oncall.handbook.rota import Names, read_rotations
from oncall.handbook.scope import read_customers
from oncall.handbook.training import certified, read_trainings
from oncall.handbook.values import zone
from oncall.handbook.yaml_text import LARGEST_FILE, Fields, Items, Node, compose

SETTINGS_FILE = "config/oncall.yaml"
"""Settings of the daemon, not of the handbook (decisions.md 40)."""
TEXTS_FOLDER = "config/texts/"
START = Place(file="config", line=1, column=1)
CUSTOMER_LANGUAGES = frozenset({"en", *TRANSLATED})
"""Languages with built-in texts for customers; a company adds more as config/texts/<language>.yaml."""
MERGED_LISTS = ("away", "changes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of reading: a handbook, or the problems; and the files by name, as they were read."""

    handbook: Handbook | None
    problems: tuple[Problem, ...]
    files: Mapping[str, str]


def read(config: Path, rotations: Path, *, everything: bool = True) -> Reading:
    """Reads the two folders. `everything=False` asks only for what calendars need: zone, people, rotations."""
    problems = Problems()
    files = {**files_of(config, "config", problems), **files_of(rotations, "rotations", problems)}
    if not files:
        problems.add(START, f"no YAML files in {config} and {rotations}", "name the folders by ONCALL_CONFIG and ONCALL_ROTATIONS")
    return parse_into(problems, files, everything)


def parse(files: Mapping[str, str], *, everything: bool = True) -> Reading:
    """The same from contents that are known already, such as a version kept in the store."""
    return parse_into(Problems(), dict(files), everything)


def names_of_calendars(config: Path, rotations: Path) -> tuple[dict[str, Named], Lock | None, tuple[Problem, ...]]:
    """The holiday calendars that the folders name, the lock file as it is (None: none that can be read), and what keeps us from reading on."""
    problems = Problems()
    files = {**files_of(config, "config", problems), **files_of(rotations, "rotations", problems)}
    reader = Reader(problems)
    merged, _ = merge(reader, files)
    return read_named(reader, merged.get("holidays")), read_lock(Reader(Problems()), files), problems.sorted()


def files_of(folder: Path, name: str, problems: Problems) -> dict[str, str]:
    """The YAML files, and the guidelines, of a folder and its folders as '<name>/<path>' -> content; hidden ones are none of ours."""
    found: dict[str, str] = {}

    def unread(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            problems.add(Place(file=str(error.filename), line=1, column=1), f"the folder cannot be read: {error.strerror}", "check its permissions")

    for path in sorted({*paths_under(folder, unread), folder / LOCK}):
        relative = path.relative_to(folder)
        file = f"{name}/{relative.as_posix()}"
        is_lock = file == LOCK_FILE and path.exists()
        if any(part.startswith(".") for part in relative.parts) or not (is_lock or is_guideline(file) or path.suffix in {".yaml", ".yml"}):
            continue
        place = Place(file=file, line=1, column=1)
        try:
            raw = path.read_bytes() if path.stat().st_size <= LARGEST_FILE else b""
            if path.stat().st_size > LARGEST_FILE:
                problems.add(place, f"the file is larger than {LARGEST_FILE // 1024} KiB")
            found[file] = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            problems.add(Place(file=file, line=line, column=1), "this line is not UTF-8", "save the file as UTF-8")
        except OSError as error:
            problems.add(place, f"the file cannot be read: {error.strerror}", "check its permissions")
    return found


def paths_under(folder: Path, unread: Callable[[OSError], None] | None = None) -> list[Path]:
    """Everything under a folder, sorted. What vanishes meanwhile, as in a checkout, is left out; `unread` hears of what cannot be read."""
    return sorted(Path(root, name) for root, folders, files in os.walk(folder, onerror=unread) for name in (*folders, *files))


def parse_into(problems: Problems, files: dict[str, str], everything: bool) -> Reading:
    """Reads the contents; the handbook is given only if nothing is wrong."""
    reader = Reader(problems)
    merged, texts = merge(reader, files)
    handbook = assemble(reader, files, merged, texts, everything)
    if everything:
        check_complete(reader, merged, handbook)
    found = problems.sorted()
    return Reading(handbook=None if found else handbook, problems=found, files=files)


def merge(reader: Reader, files: Mapping[str, str]) -> tuple[dict[str, Node], dict[str, dict[str, str]]]:
    """All top-level keys of all files as one, and the company's texts by language; a name is defined once."""
    merged: dict[str, Node] = {}
    texts: dict[str, dict[str, str]] = {}
    for file, content in sorted(files.items()):
        if file in {SETTINGS_FILE, LOCK_FILE} or is_guideline(file):
            continue
        node = compose(file, content, reader.problems)
        if node is None:
            continue
        if file.startswith(TEXTS_FOLDER):
            texts[Path(file).stem] = read_texts(reader, node)
            continue
        fields = reader.fields(node, "file", "the file")
        if fields is not None:
            check_version(reader, fields)
            for key, one in fields:
                if key in KEYS["file"] and key != "version":
                    join(reader, merged, key, one, fields)
    return merged, texts


def check_version(reader: Reader, fields: Fields) -> None:
    """Each file says in which version of the language it is written."""
    text = reader.needed(fields, "version", "the file")
    if text is not None and text.value != VERSION:
        reader.add(text.place, f"version '{text.value}' of the language is not known; this program reads version {VERSION}")


def join(reader: Reader, merged: dict[str, Node], key: str, node: Node, fields: Fields) -> None:
    """Adds one file's value of a top-level key to what other files said."""
    earlier = merged.get(key)
    if earlier is None:
        merged[key] = node
    elif isinstance(earlier, Items) and isinstance(node, Items) and key in MERGED_LISTS:
        merged[key] = Items(items=(*earlier.items, *node.items), place=earlier.place)
    elif isinstance(earlier, Fields) and isinstance(node, Fields):
        for name in node.fields:
            if name in earlier.fields:
                reader.add(node.keys[name], f"duplicate name '{name}' in '{key}'", f"the first stands at {earlier.keys[name]}")
        merged[key] = Fields(fields={**node.fields, **earlier.fields}, place=earlier.place, keys={**node.keys, **earlier.keys})
    else:
        reader.add(fields.keys[key], f"'{key}' is said twice", f"the first stands at {earlier.place}")


def checks_of(name: str) -> Callable[[str, str], tuple[str, ...]]:
    """What says what is wrong with a company's own words of this name: a letter's, a sentence's of the policy, a text's."""
    if name.startswith(PREFIX):
        return letter_problems
    return sentence_problems if name in POLICY else text_problems


def read_texts(reader: Reader, node: Node) -> dict[str, str]:
    """A company's own texts of one language: template id -> text."""
    found = {}
    for name, one in reader.named(node, "a file of texts") or ():
        text = reader.text(one, f"the text '{name}'")
        if name == "version" or text is None:
            continue
        for what in checks_of(name)(name, text.value):
            reader.add(text.place, what)
        found[name] = text.value
    return found


def assemble(reader: Reader, files: Mapping[str, str], merged: dict[str, Node], texts: dict[str, dict[str, str]], everything: bool) -> Handbook:
    """The handbook of what could be read; of use only when no problem was told."""
    reader.timezone = company_zone(reader, merged.get("timezone"))
    trainings = read_trainings(reader, merged.get("training"))
    people = certified(reader, read_people(reader, merged.get("people"), set(texts), read_reach(reader, merged.get("reach"))), trainings)
    names = names_of(reader, files, merged, people)
    rotations = read_rotations(reader, merged.get("rotations"), names)
    escalations = read_escalations(reader, merged.get("escalations"), people, set(rotations))
    services = service_names(merged.get("services"))
    known = Known(people=people, hours=names.hours, calendars=names.calendars, escalations=escalations, services=services, texts=texts)
    policy = read_policy(reader, merged.get("policy"), known) if everything else Policy(severities={})
    admins, managers = read_roles(reader, merged.get("roles"), people, rotations) if everything else ((), ())
    return Handbook(
        version=version_of(files),
        calendars=names.calendars,
        company=policy.company,
        timezone=reader.timezone,
        people=people,
        rotations=rotations,
        away=read_away(reader, merged.get("away"), people),
        changes=read_changes(reader, merged.get("changes"), people, rotations),
        escalations=escalations,
        services=read_services(reader, merged.get("services"), people, escalations, set(policy.severities), files) if everything else {},
        severities=policy.severities,
        triage=policy.triage,
        office=policy.office,
        admins=admins,
        managers=managers,
        last_resort=policy.last_resort,
        goals=policy.goals,
        feedback=policy.feedback,
        authority=policy.authority,
        texts=texts,
        exclusions=policy.exclusions,
        customers=read_customers(reader, merged.get("customers"), services, CUSTOMER_LANGUAGES | set(texts)) if everything else {},
        trainings=trainings,
        publication=policy.publication,
    )


def company_zone(reader: Reader, node: Node | None) -> str:
    """The zone of every time in the files that names no other."""
    text = reader.text(node, "'timezone'")
    if text is None:
        reader.add(START, "no file has a 'timezone'", "write e.g. timezone: Europe/Berlin")
    return zone(reader, text) or "UTC"


def names_of(reader: Reader, files: Mapping[str, str], merged: dict[str, Node], people: dict[str, Person]) -> Names:
    """What rotations may refer to."""
    policy = merged.get("policy")
    return Names(
        people=people,
        hours=read_hours(reader, merged.get("hours")),
        calendars=read_calendars(reader, merged.get("holidays"), files),
        policy=policy if isinstance(policy, Fields) else None,
    )


def service_names(node: Node | None) -> set[str]:
    """The names of services, for triage rules that are read before them."""
    return set(node.fields) if isinstance(node, Fields) else set()


def read_roles(
    reader: Reader, node: Node | None, people: dict[str, Person], rotations: dict[str, Rotation]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Admins, who are told of trouble, and managers, who are told of promises in danger."""
    fields = reader.fields(node, "roles", "'roles'") if node is not None else None
    if fields is None:
        return (), ()
    admins = read_targets(reader, fields.fields.get("admin"), "'admin'", people, set(rotations))
    if not admins:
        reader.add(fields.place, "'roles' has no 'admin'", "name who is told when something is wrong, e.g. admin: [priya]")
    return admins, read_targets(reader, fields.fields.get("manager"), "'manager'", people, set(rotations))


def check_complete(reader: Reader, merged: Mapping[str, Node], handbook: Handbook) -> None:
    """Nothing that paging needs is left out: every severity that pages leads to an escalation, by itself or by each service."""
    for key in ("people", "escalations", "policy", "roles"):
        if key not in merged:
            reader.add(START, f"no file has '{key}'", KEYS["file"][key])
    for severity in handbook.severities.values():
        covered = all({severity.id, "otherwise"} & set(service.escalations) for service in handbook.services.values())
        if severity.escalation is None and severity.after_hours is not AfterHours.DECLINE and not (handbook.services and covered):
            reader.add(severity.place, f"severity '{severity.id}' has no 'escalation', and not every service names one for it")


def version_of(files: Mapping[str, str]) -> str:
    """A hash of the files' names and contents: twelve hex digits are enough to tell versions apart."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        if name != SETTINGS_FILE:
            digest.update(f"{name}\0{len(content)}\0{content}\0".encode())
    return digest.hexdigest()[:12]
