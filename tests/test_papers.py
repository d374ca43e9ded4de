"""The reference is complete: every variable and every command stands in it, every sentence is held by a test."""

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).parents[1]
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
OURS = {"deliveries", "recipients", "xmld_project"}


def variables():
    text = (ROOT / "xmld_project" / "environment.py").read_text(encoding="utf-8")
    return sorted(set(re.findall(r'"((?:XMLD_[A-Z_]+)|DATABASE_URL)"', text)))


@pytest.mark.parametrize("name", variables())
def test_a_variable_stands_in_the_reference(name):
    assert f"`{name}`" in REFERENCE


@pytest.mark.parametrize("name", sorted(name for name, app in get_commands().items() if app in OURS))
def test_a_command_stands_in_the_reference(name):
    assert re.search(rf"`{name}\b", REFERENCE)


def test_no_paper_names_a_path_of_some_machine():
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        assert "/work/" not in path.read_text(encoding="utf-8"), path.name


def linked() -> Iterator[tuple[Path, str]]:
    """Each link of a paper to another one or to a file, and each picture."""
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
            if not re.match(r"[a-z]+:", target):
                yield path, target


def test_each_fault_has_a_test():
    tests = ROOT / "tests"
    texts = {str(path.relative_to(tests)): path.read_text(encoding="utf-8") for path in tests.rglob("test_*.py")}
    held = {int(number) for text in texts.values() for number in re.findall(r"def test_(\d+)_", text)}
    rows = re.findall(r"^\| ([\d, ]+) \| .* \| (\S+) \|$", (tests / "faults.md").read_text("utf-8"), re.MULTILINE)
    held |= {int(number) for numbers, _ in rows for number in numbers.split(", ")}
    assert set(range(1, 148)) - held == set()
    wanted = [test.partition("::") for _, test in rows]
    assert [file for file, _, name in wanted if f"def {name}(" not in texts.get(file, "") and name] == []
    assert {file for file, _, _ in wanted} <= set(texts)


def anchors(text: str) -> set[str]:
    """The anchors of a paper's headings, as GitHub makes them."""
    kept = (re.sub(r"[^\w\- ]", "", title.lower()) for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE))
    return {title.replace(" ", "-") for title in kept}


def test_each_link_of_a_paper_leads_somewhere():
    wrong = []
    for path, target in linked():
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        if not found.exists() or (anchor and anchor not in anchors(found.read_text(encoding="utf-8"))):
            wrong.append((path.name, target))
    assert wrong == []


def test_the_papers_show_goals_and_commands_that_there_are():
    goals = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        text = path.read_text(encoding="utf-8")
        assert (
            set(re.findall(r"\bmake (run|test|bench|lint|lock|chaos|screenshots|[a-z]+-[a-z]+)\b", text)) <= goals
        )
        named = set(re.findall(r"(?:manage\.py|`manage|xml-delivery manage|^manage) ([a-z_]+)", text, re.MULTILINE))
        assert named <= {*get_commands(), "createsuperuser"}, path.name


def emphasised(paper):
    """The names of pages and buttons that a paper for operators writes in italics."""
    text = re.sub(r"\*\*.*?\*\*", "", (ROOT / "docs" / paper).read_text(encoding="utf-8"))
    return {" ".join(name.split()).lower() for name in re.findall(r"(?<![*\w])\*(\S[^*]+)\*(?![*\w])", text)}


def test_operators_read_the_names_that_stand_on_the_pages():
    catalogue = (ROOT / "deliveries/locale/it/LC_MESSAGES/django.po").read_text(encoding="utf-8")
    pairs = re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', catalogue, re.MULTILINE)
    shown = [
        {words.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").lower() for words in column}
        for column in zip(*pairs, strict=True)
    ]
    for paper, names in zip(("operators.md", "operators.it.md"), shown, strict=True):
        assert emphasised(paper) - names == set()
        assert len(emphasised(paper)) > 30


def test_both_papers_for_operators_name_the_same_things():
    catalogue = (ROOT / "deliveries/locale/it/LC_MESSAGES/django.po").read_text(encoding="utf-8")
    italian, words = emphasised("operators.it.md"), dict[str, set[str]]()
    for word, said in re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', catalogue, re.MULTILINE):
        shown = said.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").lower()
        words.setdefault(word.lower(), set()).add(shown)
    named = [words[name] for name in emphasised("operators.md")]
    assert [name for name in named if not name & italian] == []
    assert italian - set().union(*named) == set()


def rooms() -> Iterator[Path]:
    """Each folder of code that holds modules of ours."""
    outside = {"management", "commands", "migrations", "formats", "en", "it", "demo"}
    for app in sorted(OURS):
        for path in (ROOT / app).rglob("__init__.py"):
            room = path.parent.relative_to(ROOT)
            if not outside & set(room.parts) and len(room.parts) > 1:
                yield room


def test_the_picture_of_the_house_has_every_room():
    picture = re.search(r"## The house\n.*?```\n(.*?)```", ARCHITECTURE, re.DOTALL)
    assert picture
    apps = {part.split()[0]: part for part in re.split(r"\n\n", picture[1])}
    assert [str(room) for room in rooms() if not re.search(rf"\b{room.name}\b", apps[room.parts[0]])] == []


def test_each_module_that_the_architecture_names_is_there():
    named = set(re.findall(r"(?<![\w/*.])((?:[a-z_]+/)*[a-z_]+\.py)\b", ARCHITECTURE))
    assert len(named) > 18
    assert [name for name in sorted(named) if not list(ROOT.glob(f"*/**/{name}"))] == []


def test_each_library_that_is_installed_stands_with_its_licence():
    licences = REFERENCE[REFERENCE.index("## Licences of dependencies") :]
    locked = (ROOT / "requirements" / "base.txt").read_text(encoding="utf-8")
    names = re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==", locked, re.MULTILINE)
    assert len(names) > 30
    assert [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", licences)] == []


def test_the_locks_record_no_addresses():
    for path in (ROOT / "requirements").glob("*.txt"):
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", path.read_text(encoding="utf-8")), (
            path.name
        )


def sentences():
    """Each sentence of the reference that somebody relies on, by its number (tests/sentences/README.md)."""
    found = {}
    for path in sorted((ROOT / "tests" / "sentences").glob("[0-9]*.md")):
        for number, words in re.findall(r"^- (\S+) (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE):
            assert number not in found, f"{number} stands twice"
            found[number] = words
    return found


def named_by_tests() -> Iterator[str]:
    """The numbers in all @pytest.mark.sentence(...)."""
    for path in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.sentence":
                yield from (ast.literal_eval(argument) for argument in node.args)


def test_every_sentence_is_held_by_a_test_that_names_it():
    assert sorted(set(sentences()) - set(named_by_tests())) == []


def test_no_test_names_a_sentence_that_is_not_there():
    assert sorted(set(named_by_tests()) - set(sentences())) == []


def docstrings() -> Iterator[tuple[Path, str]]:
    for path in [*ROOT.glob("*/**/*.py"), *ROOT.glob("*.py")]:
        if path.is_relative_to(ROOT / ".venv"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield path.relative_to(ROOT), ast.get_docstring(node) or ""


def comments() -> Iterator[tuple[Path, str]]:
    """Each comment of ours; lines that follow one another are one."""
    for app in sorted(OURS):
        for path in (ROOT / app).rglob("*.py"):
            lines = [line.partition("# ")[2] for line in path.read_text(encoding="utf-8").splitlines()]
            for whole, block in itertools.groupby(lines, bool):
                if whole:
                    yield path.relative_to(ROOT), " ".join(block)


def headings(paper: str) -> set[str]:
    """The sections of a paper by name, and by number where they have one."""
    text = (ROOT / "docs" / f"{paper}.md").read_text(encoding="utf-8")
    found = re.findall(r"^#+ (?:(\d+(?:\.\d+)?)\.? )?(.+)$", text, re.MULTILINE)
    return {each.strip("`") for pair in found for each in pair if each}


def cited() -> Iterator[tuple[Path, str, str]]:
    """Where a docstring or a comment cites, which paper, which section."""
    for path, words in itertools.chain(docstrings(), comments()):
        for numbers in re.findall(
            r"(?<!PDF )\b[Rr]eference:? (\d+(?:\.\d+)?(?:(?:, | and | to )\d+(?:\.\d+)?)*)", words
        ):
            yield from ((path, "reference", number) for number in re.findall(r"\d+(?:\.\d+)?", numbers))
        for paper, name in re.findall(
            r"\((?:docs/)?(reference|architecture)(?:\.md)?[,:] ([^).;:\d][^).;:]*)", words
        ):
            yield path, paper, " ".join(name.split())


def test_each_section_that_a_docstring_or_a_comment_cites_is_there():
    sections = {paper: headings(paper) for paper in ("reference", "architecture")}
    found = list(cited())
    assert [each for each in found if each[2] not in sections[each[1]]] == []
    assert len(found) > 400


def test_each_module_that_a_docstring_or_a_comment_names_is_there():
    named = [
        (path, name)
        for path, words in itertools.chain(docstrings(), comments())
        if path.parts[0] in OURS
        for name in re.findall(r"(?<![\w/*.{])((?:[a-z_]+/)*[a-z_]+\.py)\b", words)
    ]
    assert len(named) > 5
    assert [each for each in named if not list(ROOT.glob(f"**/{each[1]}"))] == []


def test_docstrings_cite_no_other_papers():
    others = re.compile(r"\b(?:INTERFACE|RELIABILITY|DESIGN|SPEC|LIBRARIES|HOUSE|TOUR|ATTACK)\b")
    assert [(path, found.group()) for path, words in docstrings() if (found := others.search(words))] == []


def test_each_path_in_the_papers_for_contributors_is_there():
    lines = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:deliveries|recipients|xmld_project|docs|tests|requirements)/[^`{}…]*)`", lines)
    assert [path for path in named if not list(ROOT.glob(path.rstrip("/")))] == []
    assert len(named) > 10


def paths_of_contributing():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return sorted(set(re.findall(r"`((?:deliveries|recipients|xmld_project|tests|docs)/[\w./-]*)`", text)))


@pytest.mark.parametrize("path", paths_of_contributing())
def test_each_path_that_contributing_names_is_there(path):
    assert (ROOT / path).exists()
