"""APIs in the console: listed, added with their scopes, edited, deleted while nobody uses them."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from django_cc.authorization_server.apis.api_editing import create_api, update_api
from django_cc.authorization_server.apis.scope_editing import create_scope, update_scope
from django_cc.authorization_server.clients.introspection import allow_introspection
from django_cc.console.catalogue.token_checking import describe_checking
from django_cc.models import API, AuditEvent, Scope
from tests.console.admin_pages import Pages
from tests.console.console import create_user, read
from tests.machines import ACTOR, Machine, register
from tests.transactions import list_questions

pytestmark = pytest.mark.django_db
REPORTS = "https://reports.example.com"
EDIT = ("view_api", "add_api", "change_api", "delete_api")
EDIT_SCOPES = ("view_scope", "add_scope", "change_scope", "delete_scope")


@pytest.fixture
def pages(db: None) -> Pages:
    """The pages as ana sees them, who keeps the catalogue and sees every client."""
    rights = (*EDIT, *EDIT_SCOPES, "view_machineclient", "access_all_clients")
    return Pages(create_user("ana", *rights), "api")


@pytest.fixture
def api(db: None) -> API:
    """An API of the console with one scope."""
    api = create_api(REPORTS, ACTOR, name="Reports")
    create_scope(api, "reports:read", ACTOR, description="Read reports")
    return api


def fill_in(api: API | None = None, *rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a submission of the form: what is there of `api`, then new scopes."""
    there = [] if api is None else list(api.scopes.order_by("name"))
    form: dict[str, Any] = {
        "name": "Reports" if api is None else api.name,
        "token_lifetime": "",
        "scopes-TOTAL_FORMS": len(there) + len(rows),
        "scopes-INITIAL_FORMS": len(there),
    }
    if api is None:
        form["identifier"] = REPORTS
    else:
        form |= {"initial-name": api.name, "initial-token_lifetime": api.token_lifetime or ""}
    for number, scope in enumerate(there):
        prefix = f"scopes-{number}"
        form |= {
            f"{prefix}-id": scope.pk,
            f"{prefix}-api": scope.api_id,
            f"{prefix}-description": scope.description,
            f"initial-{prefix}-description": scope.description,
            f"initial-{prefix}-restricted": scope.restricted,
        }
    for number, row in enumerate(rows, start=len(there)):
        form |= {f"scopes-{number}-{field}": value for field, value in row.items()}
    return form | changes


def test_adds_an_api_with_its_first_scopes(pages: Pages) -> None:
    read_reports = {"name": "reports:read", "description": "Read reports"}
    write = {"name": "reports:write", "restricted": "on"}

    answer = pages.submit("add", **fill_in(None, read_reports, write, token_lifetime="300"))

    assert answer.status_code == 302, read(answer)
    api = API.objects.get(identifier=REPORTS)
    assert (api.name, api.token_lifetime) == ("Reports", 300)
    assert dict(api.scopes.values_list("name", "restricted")) == {
        "reports:read": False,
        "reports:write": True,
    }
    events = AuditEvent.objects.filter(actor="ana").values_list("event", flat=True)
    assert sorted(events) == ["api_created", "scope_created", "scope_created"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"identifier": "reports"}, "Use an absolute URI without a fragment"),
        ({"identifier": "https://testserver"}, "This is the issuer itself"),
        ({"token_lifetime": "5"}, "Tokens live from 60 seconds to 24 hours"),
        ({"name": ""}, "This field is required"),
    ],
    ids=["no URI", "the issuer", "too short", "no name"],
)
def test_says_at_the_field_what_is_wrong(
    pages: Pages, settings: Any, changes: dict[str, str], words: str
) -> None:
    settings.DJANGO_CC = settings.DJANGO_CC | {"ISSUER": "https://testserver"}

    answer = pages.submit("add", **fill_in(None, **changes))

    assert words in read(answer)
    assert not API.objects.filter(name="Reports").exists()


def test_keeps_no_half_of_what_the_server_refuses(pages: Pages) -> None:
    answer = pages.submit("add", **fill_in(None, {"name": "two words"}))

    assert "Use printable ASCII without spaces" in read(answer)
    assert not API.objects.filter(identifier=REPORTS).exists()


def test_shows_the_form_again_where_only_the_server_knows_what_is_wrong(pages: Pages) -> None:
    answer = pages.submit("add", **fill_in(None, name="a\u0007b"))

    assert "Use at most 255 printable characters." in read(answer)
    assert not AuditEvent.objects.filter(event="api_created").exists()


def test_changes_the_name_the_lifetime_and_the_scopes(pages: Pages, api: API) -> None:
    form = fill_in(api, {"name": "reports:write"}, name="All reports", token_lifetime="120")
    form["scopes-0-description"] = "Read all reports"
    form["scopes-0-restricted"] = "on"

    answer = pages.submit("change", api.pk, **form)

    assert answer.status_code == 302, read(answer)
    api.refresh_from_db()
    assert (api.name, api.token_lifetime) == ("All reports", 120)
    scope = api.scopes.get(name="reports:read")
    assert (scope.description, scope.restricted) == ("Read all reports", True)
    assert api.scopes.filter(name="reports:write").exists()


def test_never_changes_an_identifier_or_the_name_of_a_scope(pages: Pages, api: API) -> None:
    form = fill_in(api, identifier="https://other.example.com")

    pages.submit("change", api.pk, **(form | {"scopes-0-name": "other"}))

    api.refresh_from_db()
    assert api.identifier == REPORTS
    assert api.scopes.get().name == "reports:read"


def test_says_why_the_identifier_cannot_be_edited(pages: Pages, api: API) -> None:
    text = pages.text("change", api.pk)

    assert "Goes into every token as “aud”; changing it would break the API." in text
    assert 'name="identifier"' not in text


def test_tells_of_an_edit_that_came_between(pages: Pages, api: API) -> None:
    form = fill_in(api, name="Mine")
    update_api(api, ACTOR, name="Theirs")

    answer = pages.submit("change", api.pk, **form)

    assert "while you were editing. Nothing was saved." in read(answer)
    assert f"Changed by {ACTOR.name}" in read(answer)
    assert API.objects.get(pk=api.pk).name == "Theirs"


def test_tells_of_an_edit_of_a_scope_that_came_between(pages: Pages, api: API) -> None:
    form = fill_in(api) | {"scopes-0-description": "Mine"}
    update_scope(api.scopes.get(), ACTOR, description="Theirs")

    answer = pages.submit("change", api.pk, **form)

    assert "while you were editing. Nothing was saved." in read(answer)
    assert api.scopes.get().description == "Theirs"


def test_deletes_a_scope_that_nobody_holds(pages: Pages, api: API) -> None:
    pages.submit("change", api.pk, **(fill_in(api) | {"scopes-0-DELETE": "on"}))

    assert not api.scopes.exists()
    assert AuditEvent.objects.filter(event="scope_deleted").exists()


def test_keeps_a_scope_that_clients_hold(pages: Pages, api: API) -> None:
    register(scopes=["reports:read"])

    answer = pages.submit("change", api.pk, **(fill_in(api) | {"scopes-0-DELETE": "on"}))

    assert "1 machine client holds the scope “reports:read”" in read(answer)
    assert api.scopes.exists()


def test_who_may_not_change_scopes_gets_no_fields_for_them(api: API) -> None:
    pages = Pages(create_user("ben", *EDIT, "view_scope"), "api")

    text = pages.text("change", api.pk)

    assert "reports:read" in text
    assert 'name="scopes-0-description"' not in text


@pytest.mark.parametrize(
    ("identifier", "words"),
    [
        ("https://orders.example.com", "From configuration"),
        ("https://testserver", "This is the server itself"),
    ],
)
def test_leaves_what_is_not_kept_here_to_its_place(
    pages: Pages, identifier: str, words: str
) -> None:
    api = API.objects.filter(built_in="server" in words).exclude(identifier=REPORTS).first()
    assert api is not None

    text = pages.text("change", api.pk)

    assert words in text
    assert 'name="_save"' not in text
    assert pages.url("delete", api.pk) not in text


def test_a_forged_edit_of_a_configured_api_is_refused_and_told(pages: Pages) -> None:
    api = API.objects.filter(from_configuration=True).first()
    assert api is not None

    answer = pages.submit("change", api.pk, **fill_in(api, name="Mine"))

    assert answer.status_code == 403
    assert API.objects.get(pk=api.pk).name == api.name
    assert AuditEvent.objects.filter(event="action_denied", detail="change_api").exists()


@pytest.mark.parametrize("page", ["add", "change", "delete", "introspection"])
def test_who_may_only_look_cannot_do_anything(api: API, machine: Machine, page: str) -> None:
    pages = Pages(create_user("ben", "view_api", "access_all_clients"), "api")
    args = [] if page == "add" else [api.pk]

    answer = pages.submit(page, *args, **fill_in(), client_id=machine.client_id, act="allow")

    assert answer.status_code == 403
    assert AuditEvent.objects.filter(event="action_denied", actor="ben").count() == 1
    assert API.objects.filter(pk=api.pk).exists()
    assert not api.introspectors.exists()


def test_who_may_not_look_sees_nothing(api: API) -> None:
    pages = Pages(create_user("ben", "view_machineclient"), "api")

    for page, args in [("changelist", []), ("change", [api.pk]), ("introspection", [api.pk])]:
        assert pages.visit(page, *args).status_code == 403


def test_deletes_an_api_that_nobody_uses_after_asking(pages: Pages, api: API) -> None:
    asked = pages.text("delete", api.pk)

    pages.submit("delete", api.pk)

    assert "Its scope is deleted with it." in asked
    assert not API.objects.filter(pk=api.pk).exists()


def test_lists_who_keeps_an_api_from_being_deleted(pages: Pages, api: API) -> None:
    machine = register("Billing sync", scopes=["reports:read"])

    text = pages.text("delete", api.pk)
    answer = pages.submit("delete", api.pk, follow=True)

    assert "1 machine client uses this API" in text
    assert machine.client_id in text
    assert "1 machine client uses this API" in read(answer)
    assert API.objects.filter(pk=api.pk).exists()


def test_does_not_name_clients_that_the_user_does_not_see(api: API) -> None:
    pages = Pages(create_user("ben", *EDIT, *EDIT_SCOPES, "view_machineclient"), "api")
    machine = register("Hush hush", scopes=["reports:read"])
    allow_introspection(api, machine.row, ACTOR)

    texts = [
        pages.text("delete", api.pk),
        pages.text("change", api.pk),
        pages.text("introspection", api.pk),
        pages.text("changelist"),
        read(pages.submit("delete", api.pk, follow=True)),
        read(pages.submit("change", api.pk, **(fill_in(api) | {"scopes-0-DELETE": "on"}))),
    ]

    assert all(machine.client_id not in text and "Hush hush" not in text for text in texts)
    assert "1 machine client more, which you do not see here." in texts[2]


def test_a_configured_api_is_not_deleted(pages: Pages) -> None:
    api = API.objects.filter(from_configuration=True).first()
    assert api is not None

    for answer in (pages.visit("delete", api.pk), pages.submit("delete", api.pk)):
        assert answer.status_code == 302
    assert API.objects.filter(pk=api.pk).exists()


@pytest.mark.parametrize("page", ["delete", "introspection"])
def test_there_is_no_page_of_an_api_that_is_not_there(pages: Pages, page: str) -> None:
    assert pages.visit(page, 999_999).status_code == 302


def test_lets_a_client_introspect_and_takes_that_away(pages: Pages, api: API) -> None:
    machine = register()

    pages.submit("introspection", api.pk, client_id=f" {machine.client_id} ", act="allow")
    allowed = pages.text("introspection", api.pk)
    pages.submit("introspection", api.pk, client_id=machine.client_id, act="deny")

    assert machine.client_id in allowed
    assert not api.introspectors.exists()
    events = AuditEvent.objects.filter(client_id=machine.client_id, actor="ana")
    assert {*events.values_list("event", flat=True)} == {
        "introspection_allowed",
        "introspection_denied",
    }


def test_lets_no_client_introspect_that_the_user_does_not_see(api: API) -> None:
    pages = Pages(create_user("ben", *EDIT), "api")
    machine = register()

    answer = pages.submit("introspection", api.pk, client_id=machine.client_id, act="allow")

    assert "There is no machine client with the client ID" in read(answer)
    assert not api.introspectors.exists()


def test_lets_nobody_introspect_for_the_server_itself(pages: Pages) -> None:
    built_in = API.objects.get(built_in=True)

    answer = pages.submit("introspection", built_in.pk, client_id=register().client_id, act="allow")

    assert "nobody else checks its tokens" in read(answer)
    assert not built_in.introspectors.exists()


def test_tells_how_the_api_checks_tokens(pages: Pages, api: API, settings: Any) -> None:
    text = pages.text("change", api.pk)

    for words in (
        settings.DJANGO_CC["ISSUER"],
        "/oauth/jwks",
        f'"AUDIENCE": "{REPORTS}"',
        'required_scopes = ["reports:read"]',
        '@machine_access(scopes=["reports:read"])',
        "createRemoteJWKSet",
        "PyJWKClient",
    ):
        assert words in text


def test_the_code_for_plain_views_runs_as_it_is(api: API) -> None:
    snippets = {one.name: one.text for one in describe_checking(api).snippets}
    views: dict[str, Any] = {}

    exec(snippets["checking-views"].partition("# views.py")[2], views)

    answer = views["example"](RequestFactory().get("/"))
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_says_where_each_api_comes_from_and_who_uses_it(pages: Pages, api: API) -> None:
    register(scopes=["reports:read"])
    register("Other", scopes=["reports:read"])
    update_api(api, ACTOR, token_lifetime=timedelta(seconds=90))

    text = pages.text("changelist")

    for words in ("Built in", "From configuration", REPORTS, ">2</a>", "90 seconds"):
        assert words in text


def test_the_number_of_clients_leads_to_those_clients(pages: Pages, api: API) -> None:
    register("With reports", scopes=["reports:read"])
    register("Without", scopes=["orders:read"])
    row = pages.text("changelist").split(REPORTS)[1]
    path = row.split('<a href="')[1].split('"')[0]

    listed = pages.browser.get(path, secure=True)

    assert [client.name for client in listed.context["cl"].result_list] == ["With reports"]


def test_counts_only_clients_that_the_user_sees(api: API) -> None:
    ben = create_user("ben", "view_api", "view_machineclient")
    register("His", scopes=["reports:read"], owner=ben)
    register("Not his", scopes=["reports:read"])

    assert ">1</a>" in Pages(ben, "api").text("changelist").split(REPORTS)[1]


def test_asks_few_questions_for_any_number_of_apis(pages: Pages) -> None:
    for number in range(30):
        api = create_api(f"https://a{number}.example.com", ACTOR)
        create_scope(api, "read", ACTOR)

    with CaptureQueriesContext(connection) as queries:
        pages.text("changelist")

    assert len(list_questions(queries)) <= 8


def test_an_empty_list_says_what_an_api_is() -> None:
    Scope.objects.all().delete()
    API.objects.all().delete()
    pages = Pages(get_user_model().objects.create_superuser("root"), "api")

    text = pages.text("changelist")

    assert "No APIs yet. An API is a service that accepts tokens issued here." in text
    assert pages.url("add") in text
