"""What the documentation shows is what happens: its Python and console blocks run, its links lead somewhere.

A `python` block runs after the blocks above it in the same page; one with `>>>` runs as a doctest. The lines of a
`console` block that start with `$ ` run in one shell, in a scratch folder that looks like the checkout. Where output is
shown, the command must print exactly that; `...` stands for anything. A command that fails must be followed by
`$ echo $?`. `<!-- not run: reason -->` above a block exempts it; the exempt blocks are this file's skipped tests.
"""

import ast
import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

CHECKOUT = Path(__file__).parents[2]
PAGES = [path for path in [CHECKOUT / "README.md", *sorted(CHECKOUT.glob("docs/**/*.md"))] if path.exists()]
EXEMPT = re.compile(r"<!--\s*not run:\s*(.+?)\s*-->", re.DOTALL)
AS_SHOWN = doctest.ELLIPSIS


@dataclass(frozen=True)
class Block:
    page: Path
    line: int
    language: str
    content: str
    exempt: str | None

    def __str__(self) -> str:
        return f"{self.page.relative_to(CHECKOUT)}:{self.line}"


@cache
def tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


def blocks(*languages: str) -> list[Block]:
    return [block for page in PAGES for block in blocks_of(page) if block.language in languages]


def blocks_of(page: Path) -> Iterator[Block]:
    exempt = None
    for token in tokens(page):
        if token.type == "fence" and token.map:
            yield Block(page, token.map[0] + 1, token.info.split(" ")[0], token.content, exempt)
        comment = EXEMPT.search(token.content) if token.type == "html_block" else None
        exempt = comment.group(1) if comment else None


def parameters(*languages: str) -> list[Any]:
    return [pytest.param(block, id=str(block), marks=marks(block)) for block in blocks(*languages)]


def marks(block: Block) -> list[pytest.MarkDecorator]:
    return [pytest.mark.skip(reason=f"not run: {block.exempt}")] if block.exempt else []


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like the checkout; what an example writes into it stays there."""
    folder = tmp_path_factory.mktemp("documentation")
    for entry in CHECKOUT.iterdir():
        if not entry.name.startswith("."):
            (folder / entry.name).symlink_to(entry)
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


# Python


@cache
def names_after(page: Path, line: int) -> dict[str, Any]:
    """The names that the page's blocks above `line` define."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks_of(page):
        if block.line < line and block.language == "python" and not block.exempt and ">>>" not in block.content:
            execute(block, names)
    return names


def execute(block: Block, names: dict[str, Any]) -> None:
    tree = ast.increment_lineno(ast.parse(block.content), block.line)
    exec(compile(tree, block.page, "exec"), names)


@pytest.mark.parametrize("block", parameters("python"))
def test_a_python_example_runs(block: Block, workplace: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(workplace)
    names = dict(names_after(block.page, block.line))
    if ">>>" not in block.content:
        execute(block, names)
        return
    example = doctest.DocTestParser().get_doctest(block.content, names, str(block), str(block.page), block.line)
    report: list[str] = []
    outcome = doctest.DocTestRunner(optionflags=AS_SHOWN).run(example, out=report.append)
    assert outcome.failed == 0, "".join(report)


# Console


@dataclass(frozen=True)
class Command:
    text: str
    shown: str


@dataclass(frozen=True)
class Outcome:
    printed: str
    status: int


def commands(block: Block) -> list[Command]:
    found: list[Command] = []
    for line in block.content.splitlines():
        if line.startswith("$ "):
            found.append(Command(line[2:], shown=""))
        elif not found:
            raise ValueError(f"{block}: a console block starts with `$ `, not with `{line}`")
        elif line.startswith("> ") or (found[-1].text.endswith("\\") and not found[-1].shown):
            found[-1] = Command(f"{found[-1].text}\n{line.removeprefix('> ')}", shown="")
        else:
            found[-1] = Command(found[-1].text, found[-1].shown + line.rstrip() + "\n")
    return found


MARK = "=== documentation test ==="


def run_in_one_shell(commands: list[Command], folder: Path) -> list[Outcome]:
    """Each command's output, standard error included, and its exit status, which the next command sees as `$?`."""
    script = "".join(f"{command.text}\n(s=$?; printf '{MARK}%s\\n' $s; exit $s)\n" for command in commands)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "COLUMNS": "120", "NO_COLOR": "1", "TERM": "dumb"}
    result = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        check=False,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    pieces = re.split(rf"{MARK}(\d+)\n", result.stdout)
    return [Outcome(printed, int(status)) for printed, status in zip(pieces[:-1:2], pieces[1::2], strict=True)]


def complaints(commands: list[Command], outcomes: list[Outcome]) -> Iterator[str]:
    checker = doctest.OutputChecker()
    if len(commands) != len(outcomes):
        yield "the shell ended before the block did"
    for position, (command, outcome) in enumerate(zip(commands, outcomes, strict=False)):
        printed = re.sub(r"[ \t]+$", "", outcome.printed, flags=re.MULTILINE)
        asked_for_status = position + 1 < len(commands) and commands[position + 1].text == "echo $?"
        if outcome.status and not asked_for_status:
            yield f"$ {command.text}\nended with {outcome.status}:\n{printed}"
        elif command.shown and not checker.check_output(command.shown, printed, AS_SHOWN):
            yield f"$ {command.text}\nshown:\n{command.shown}\nprinted:\n{printed}"


@pytest.mark.parametrize("block", parameters("console"))
def test_a_console_example_prints_what_it_shows(block: Block, workplace: Path):
    listed = commands(block)
    problems = list(complaints(listed, run_in_one_shell(listed, workplace)))
    assert not problems, f"{block}\n" + "\n".join(problems)


def test_no_command_hides_in_a_block_that_is_not_run():
    hidden = [str(block) for block in blocks("bash", "sh", "shell", "py", "pycon", "shell-session") if not block.exempt]
    assert not hidden, "write these as `console` or `python` blocks, or exempt them with a reason"


# Links


def inline_tokens(page: Path) -> Iterator[Token]:
    for token in tokens(page):
        yield from token.children or []


def targets(page: Path) -> list[str]:
    attributes = {"link_open": "href", "image": "src"}
    found = [token.attrGet(attributes[token.type]) for token in inline_tokens(page) if token.type in attributes]
    return [str(target) for target in found]


@cache
def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    found: set[str] = set()
    for heading, inline in zip(tokens(page), tokens(page)[1:], strict=False):
        if heading.type == "heading_open":
            text = "".join(child.content for child in inline.children or [])
            anchor = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            again = sum(1 for other in found if re.fullmatch(rf"{re.escape(anchor)}(-\d+)?", other))
            found.add(f"{anchor}-{again}" if again else anchor)
    return found


def is_broken(page: Path, target: str) -> bool:
    address = urlsplit(target)
    if address.scheme or address.netloc:
        return False
    destination = (page.parent / unquote(address.path)).resolve() if address.path else page
    if not destination.exists():
        return True
    return bool(address.fragment) and destination.suffix == ".md" and address.fragment not in anchors(destination)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_internal_links_lead_somewhere(page: Path):
    assert [target for target in targets(page) if is_broken(page, target)] == []


# The runner itself: an example that should fail, fails.


def console(content: str) -> Block:
    return Block(CHECKOUT / "README.md", 1, "console", content, None)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("$ echo one\none\n", None),
        ("$ echo one\ntwo\n", "shown:\ntwo"),
        ("$ seq 9\n1\n...\n9\n", None),
        ("$ seq 9\n1\n...\n8\n", "shown:"),
        ("$ false\n", "ended with 1"),
        ("$ false\n$ echo $?\n1\n", None),
        ("$ word=hello\n$ echo \\\n  $word\nhello\n", None),
        ("$ cat <<END\n> a: 1\n> END\na: 1\n", None),
        ("$ echo one\n$ exit 0\n", "the shell ended"),
    ],
)
def test_the_runner_finds_an_example_that_does_not_hold(content: str, complaint: str | None, tmp_path: Path):
    listed = commands(console(content))
    problems = "\n".join(complaints(listed, run_in_one_shell(listed, tmp_path)))
    assert complaint in problems if complaint else not problems
