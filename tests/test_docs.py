"""The documentation says what the code does."""

import re
import shlex
import signal
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from graphql import GraphQLEnumType, build_schema, parse, validate, validate_schema
from typer.core import TyperGroup

from heropixel.api.schema import load_schema, sdl
from heropixel.browser.beacon import Beacon
from heropixel.browser.drops import OPTED_OUT, REPLAYED, all_drops
from heropixel.cli.later import COMMANDS, command_of
from heropixel.errors import all_refusals
from heropixel.journal import open_journal
from heropixel.members import refusals as _refusals_of_members  # noqa: F401 - loads them
from heropixel.metrics.exposition import Exposition
from heropixel.metrics.part_processes import PartProcesses
from heropixel.metrics.region import Regions
from heropixel.processes.measures import Measures
from heropixel.recording.pageview import TEXT_LIMITS
from heropixel.settings import Settings
from heropixel.troubles import Trouble
from heropixel.values import camel
from tests.launcher import Process, ended, launch
from tests.world import STARTS_WITHIN, Server, World, command, make_world, running

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def rows(text: str, starting: str) -> list[list[str]]:
    """The rows of the tables whose first cell starts so."""
    lines = (line for line in text.splitlines() if line.startswith(f"| {starting}"))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_setting_is_documented_with_its_default_and_its_meaning() -> None:
    documented = {name.strip("`"): (default.strip("`"), meaning) for name, default, meaning in _settings_rows()}
    actual = {
        f"HEROPIXEL_{name.upper()}": ("" if field.default is None else str(field.default), field.description)
        for name, field in Settings.model_fields.items()
    }
    assert documented == actual


def _settings_rows() -> list[list[str]]:
    return rows((DOCS / "settings.md").read_text(), "`HEROPIXEL_")


def test_the_schema_is_valid() -> None:
    assert validate_schema(build_schema(sdl())) == []  # servers take it for granted


def test_every_reason_of_the_schema_is_a_refusal_and_is_documented() -> None:
    reasons = load_schema().type_map["Reason"]
    assert isinstance(reasons, GraphQLEnumType)
    _, _, after = (DOCS / "api.md").read_text().partition("| reason | meaning |")
    documented = dict(rows(after.partition("\n## ")[0], "`"))
    assert documented == {f"`{name}`": value.description for name, value in reasons.values.items()}
    assert set(reasons.values) == {refusal.reason for refusal in all_refusals()}


def test_every_reason_for_which_a_beacon_is_dropped_is_documented() -> None:
    _, _, after = (DOCS / "collect.md").read_text().partition("| reason | meaning |")
    documented = dict(rows(after.partition("\n## ")[0], "`"))
    told = {f"`{drop.reason}`": " ".join((drop.__doc__ or "").split()) for drop in all_drops()}
    assert {reason: documented[reason] for reason in told} == told
    assert documented.keys() - told == {f"`{REPLAYED}`", f"`{OPTED_OUT}`"}


@pytest.mark.parametrize("page", ["README.md", "docs/pixel.md"])
@pytest.mark.process
def test_the_tag_of_the_documentation_is_the_one_that_making_a_pixel_prints(page: str, tmp_path: Path) -> None:
    world = make_world(tmp_path / "data")
    said = command(world, "pixels", "create", "Shop", "--app", world.app_id)
    printed = next(line for line in said.splitlines() if line.startswith("<script"))
    assert printed.replace('"2"', '"1"') in (ROOT / page).read_text().splitlines()


def test_every_field_of_a_beacon_is_documented() -> None:
    table = (DOCS / "collect.md").read_text().partition("\n## GET /pixel.gif")[0]
    documented = {
        name
        for line in table.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert documented == {camel(name) for name in Beacon.__struct_fields__}


def test_every_metric_is_documented(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    open_journal(settings.url_of_journal()).close()
    exposition = Exposition(Regions(), Measures(settings, PartProcesses()))
    documented = {name.strip("`") for name, _ in rows((DOCS / "operate.md").read_text(), "`heropixel_")}
    exposed = {f"{metric.name}_total" if metric.type == "counter" else metric.name for metric in exposition.collect()}
    assert documented == exposed


def test_every_command_is_documented() -> None:
    documented = {name.strip("`") for name, _ in rows((DOCS / "operate.md").read_text(), "`heropixel ")}
    assert documented == {f"heropixel {words}" for words in every_command()}


def every_command() -> list[str]:
    """The words of every command there is."""
    found = {name: command_of(name) for name in COMMANDS}
    return [" ".join([name, *word]) for name, command in found.items() for word in _words_below(command)]


def _words_below(command: object) -> list[list[str]]:
    return [[word] for word in command.commands] if isinstance(command, TyperGroup) else [[]]


def test_every_exit_code_is_documented() -> None:
    documented = {int(code) for code, *_ in rows((DOCS / "operate.md").read_text(), "") if code.isdigit()}
    troubles = {trouble.exit_code for trouble in Trouble.__subclasses__()}
    assert documented == {0} | troubles | {refusal.exit_code for refusal in all_refusals()}


def test_the_limits_of_texts_are_documented() -> None:
    text = (DOCS / "api.md").read_text()
    for limit in set(TEXT_LIMITS.values()):
        assert f"{limit:,}" in text


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *DOCS.rglob("*.md")], ids=lambda page: page.name)
def test_every_link_within_the_documentation_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)", page.read_text()):
        assert link.startswith("https://") or (page.parent / link).exists(), link


def documents_of(page: Path) -> list[str]:
    """The GraphQL documents of a page: in blocks, in the body of a `curl`, and between backticks."""
    text = page.read_text()
    found = re.findall(r"```graphql\n(.*?)```", text, flags=re.DOTALL)
    found += re.findall(r'"query": ?"((?:[^"\\]|\\.)*)"', text)
    found += re.findall(r"`((?:query|mutation|subscription)? ?\{ [^`]*\})`", text)
    return [document.replace('\\"', '"') for document in found]


DOCUMENTS = [document for page in (ROOT / "README.md", *sorted(DOCS.glob("*.md"))) for document in documents_of(page)]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_query_in_the_docs_is_answered(server: Server, world_of_docs: dict[str, str], document: str) -> None:
    for placeholder, credential in world_of_docs.items():
        document = document.replace(placeholder, credential)
    known = {"email": "anna@example.com", "visitorId": "anna-browser-0001"}
    told = "mutation ($auth: AuthInput, $user: UserInput!) { identify(auth: $auth, user: $user) { code } }"
    server.graphql(told, {"auth": server.world.auth, "user": known})  # whom the documentation asks about
    event = {"md5": "6b56db1f84a3997b902509d3fbf0a306", "pixelId": server.world.pixel, "domain": "example.com"}
    variables = {"auth": server.world.auth, "pixel": server.world.pixel, "event": event}
    if document.startswith("subscription"):
        assert not validate(load_schema(), parse(document))  # it never ends; tests/contract/test_live.py listens
        return
    basic = (server.world.app_id, server.world.secret)
    body = server.http.post("/graphql", json={"query": document, "variables": variables}, auth=basic).json()
    assert "errors" not in body
    answers = [answer for answer in body["data"].values() if isinstance(answer, dict)]
    assert {answer.get("code", 200) for answer in answers} <= {200}


@pytest.fixture
def world_of_docs(server: Server) -> dict[str, str]:
    """What stands in the documentation instead of credentials and of a site that is there."""
    app_id, secret = server.world.app_id, server.world.secret
    return {"yourAppId": app_id, "yourAppSecret": secret, "app_...": app_id, "hps_...": secret}


def test_there_are_queries_in_the_docs() -> None:
    assert len(DOCUMENTS) >= 5


def shell_blocks(page: Path) -> list[str]:
    """The blocks that a reader would paste into a shell."""
    return re.findall(r"```sh\n(.*?)```", page.read_text(), flags=re.DOTALL)


@pytest.mark.process
def test_what_the_readme_says_of_your_own_world_works(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text("email,plan\nanna@example.com,pro\n")
    block = next(block for block in shell_blocks(ROOT / "README.md") if "users import" in block)
    lines = [line.partition("#")[0].strip() for line in block.splitlines()]
    app_id = ""
    for line in lines:
        words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', line)]
        if words[:1] != ["heropixel"] or words[1] == "serve":
            continue
        words = [
            app_id if word == "APPID" else word.replace("customers.csv", str(tmp_path / "customers.csv"))
            for word in words
        ]
        said = command(None, *words[1:], HEROPIXEL_DATA=str(tmp_path / "shop"))
        app_id = app_id or re.findall(r"app_\w+", said)[0]
    assert "1 created" in said


@pytest.mark.process
def test_the_first_request_of_the_readme_is_answered_as_it_says(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text()
    world = make_world(tmp_path / "data")
    command(world, "users", "import", str(_copy(ROOT / "samples/users.csv", tmp_path)), "--app", world.app_id)
    body = re.findall(r"-d '(\{.*?\})'\n", readme, flags=re.DOTALL)[0]
    body = (
        body.replace("yourAppIdHere", "yourAppId")
        .replace("yourAppId", world.app_id)
        .replace("yourAppSecret", world.secret)
    )
    with running(world) as server:
        response = server.http.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert response.text == re.findall(r"```json\n(.*?)\n```", readme)[0]


def _copy(file: Path, folder: Path) -> Path:
    copy = folder / file.name
    copy.write_bytes(file.read_bytes())
    return copy


@pytest.mark.cold
@pytest.mark.process
def test_make_run_prints_reports_and_a_request_that_is_answered_user_found(tmp_path: Path) -> None:
    folder, log = tmp_path / "data", tmp_path / "printed"
    for start in range(2):  # the second time the world is there already
        with log.open("wb") as out:
            words = ("--data", str(folder), "serve", "--port", "0", "--sample", "samples/users.csv")
            process = launch(*words, folder=ROOT, stdout=out)
        with ended(process):
            printed = printed_by(process, log)
            check_link(printed)
            if start == 0:
                check_reports(printed)
            curl = printed[printed.index("curl") :]
            done = subprocess.run(["sh", "-c", curl], capture_output=True, text=True, check=True)
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        assert '"message":"User Found"' in done.stdout


def printed_by(process: Process, log: Path) -> str:
    """What `make run` prints until its server has started."""
    until = time.monotonic() + STARTS_WITHIN
    while "-d '" not in (printed := log.read_text()) or not printed.endswith("\n\n"):
        assert process.poll() is None, printed
        assert time.monotonic() < until, printed
        time.sleep(0.01)
    return printed


@pytest.mark.process
def test_make_run_takes_the_options_that_the_readme_names() -> None:
    given = re.findall(r"`make run (ARGS=\S+)`", (ROOT / "README.md").read_text())
    assert given
    for args in given:
        done = subprocess.run(["make", "-n", "run", args], cwd=ROOT, capture_output=True, text=True, check=True)
        _, _, options = done.stdout.partition("heropixel --data data serve ")
        command(None, "serve", *options.split(), "--help")


def check_link(printed: str) -> None:
    """The link signs its reader in, who owns the sample app: at the first start and at those after it."""
    url, _, token = re.findall(r"^(http\S+)/(#sign-in=)(\S+)$", printed, flags=re.MULTILINE)[0]
    query = "mutation ($token: String!) { signInByLink(token: $token) { code role app { name } } }"
    body = {"query": query, "variables": {"token": token}}
    signed_in = httpx.post(
        f"{url}/graphql", json=body, headers={"Origin": url, "Sec-Fetch-Site": "same-origin"}, verify=False
    )
    assert signed_in.json()["data"]["signInByLink"] == {"code": 200, "role": "OWNER", "app": {"name": "Sample"}}
    again = httpx.post(
        f"{url}/graphql", json=body, headers={"Origin": url, "Sec-Fetch-Site": "same-origin"}, verify=False
    )
    assert again.json()["data"]["signInByLink"]["code"] == 400


def check_reports(printed: str) -> None:
    """The reports to try are answered, with what they are for."""
    assert "pageviews were added, up to now" in printed
    reports = [shlex.split(line)[1:] for line in re.findall(r"^  \S.* report .*$", printed, flags=re.MULTILINE)]
    channels, sign_ups, people = (command(None, *words) for words in reports)
    assert " ORGANIC_SEARCH " in channels
    assert re.search(r"│ all +│[^1-9]*[1-9]", sign_ups)
    assert re.search(r"│ [A-Z]\w+ [A-Z]\w+ \(\d+\)", people)


def test_every_file_of_the_folder_is_documented(server: Server, world: World) -> None:
    assert server.pageview()["code"] == 200
    text = (DOCS / "operate.md").read_text()
    documented = {name.strip("`/") for name, _ in rows(text[text.index("## The folder") :], "`")}
    there = {re.sub(r"-(wal|shm)$", "", path.name) for path in world.folder.iterdir()}  # SQLite's own
    assert {name for name in there if not name.startswith("salt-")} <= documented


def test_health_answers_once_pageviews_are_accepted(server: Server, world: World) -> None:
    assert server.http.get("/health").status_code == 200
    assert server.pageview()["code"] == 200
