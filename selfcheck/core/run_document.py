"""A run as a document: `run.json`, what `--format json` prints, and the JSON Schema of both.

Laws:
1. The names are the Contract's: fields are added, never renamed. `run.schema.json` is made from this model.
2. An unknown number is null, never 0; a page that was not opened has no view, not an empty one.
3. Paths are relative to the run's folder; times are UTC and end in `Z`.
4. Documents of every version are read. A field that this version does not know is ignored, and one that is
   missing or damaged has its default. What a verdict rests on must be whole: else one error says where.
5. What was never set is not written: a document reduced for others holds nothing that looks like an answer.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AliasChoices,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PlainSerializer,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from selfcheck.core.capture import Failure
from selfcheck.core.enums import (
    ANONYMOUS,
    AUTHOR,
    BrowserMode,
    Clearance,
    ControlKind,
    LedTo,
    Outcome,
    PageKind,
    Purpose,
    Strength,
    Verdict,
)
from selfcheck.core.json_schema import DescribedSchema, schema_text
from selfcheck.core.observation import StoryRef
from selfcheck.core.run import SCHEMA, ExitCode, HostFootprint, RefusedRequest, RunResult, ToolInfo
from selfcheck.core.times import utc
from selfcheck.core.verdict import RuleHit

_LARGEST = 2**63  # what a database can keep of a number


def _number(value: object) -> object:
    is_number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST
    return value if is_number else None


def _whole_characters(value: object) -> object:
    """Half of a surrogate pair, as a page may send it, can neither be printed nor stored."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _for_both(values: object) -> object:
    return {ANONYMOUS: None, AUTHOR: None, **values} if isinstance(values, Mapping) else values


Text = Annotated[str, BeforeValidator(_whole_characters)]
Name = Annotated[Text, Field(min_length=1)]
Count = Annotated[int, Field(ge=0)]
Number = Annotated[int | None, BeforeValidator(_number)]
Day = Annotated[Number, WithJsonSchema({"type": "integer"})]
Time = Annotated[
    AwareDatetime,
    PlainSerializer(utc),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$",
            "description": "UTC, ISO 8601, ends in Z",
        }
    ),
]
RelativePath = Annotated[
    Text,
    WithJsonSchema(
        {
            "type": "string",
            "minLength": 1,
            "pattern": r"^(?!/)(?!.*(^|/)\.\.(/|$))[^\\]+$",
            "description": "relative to the run's folder, with forward slashes",
        }
    ),
]
Silent = Annotated[
    bool | None,
    Field(description="true: the author's own view gives no hint; false: it does; null: not known"),
]
Rules = Annotated[
    tuple[Name, ...], Field(description="the ids of every rule that fired, the deciding one first")
]
Reasons = Annotated[tuple[RuleHit, ...], Field(validation_alias=AliasChoices("reasons", "firings"))]
Fact = Annotated[
    Mapping[Text, Number],
    BeforeValidator(_for_both),
    Field(description="by viewpoint", json_schema_extra={"required": [ANONYMOUS, AUTHOR]}),
]


def _always(*fields: str) -> ConfigDict:
    """Name the fields that every full document has, though a reader can do without some."""
    return ConfigDict(json_schema_extra={"required": list(fields)})


class _Part(BaseModel, defer_build=True):  # a command that reads no run does not pay for it as it starts
    """Validated from JSON, or from the attributes of what a run found."""

    model_config = ConfigDict(frozen=True, from_attributes=True, validate_by_name=True)

    @model_validator(mode="wrap")
    @classmethod
    def _without_damage(cls, value: object, read: ModelWrapValidatorHandler[Self]) -> Self:
        """Read again without the damaged fields, where each of them has a default."""
        try:
            return read(value)
        except ValidationError as error:
            damaged = {str(mistake["loc"][0]) for mistake in error.errors() if mistake["loc"]}
            optional = {name for name, field in cls.model_fields.items() if not field.is_required()}
            if not isinstance(value, Mapping) or not damaged or damaged - optional:
                raise
            return read({name: part for name, part in value.items() if name not in damaged})


class SignRecord(_Part):
    """Something that a page says beside its outcome."""

    id: Text
    means: Text = Field(validation_alias=AliasChoices("means", "meaning"))
    quote: Text


_VIEW = ("outcome", "status", "final_url", "title", "screenshot", "taken_at")


class ViewRecord(_Part):
    """What one viewpoint was shown of a page."""

    model_config = _always(*_VIEW)

    outcome: Outcome
    status: Annotated[Number, Field(json_schema_extra={"minimum": 100, "maximum": 599})] = None
    final_url: Text = ""
    title: Text = ""
    mark: Text | None = None
    quote: Text = ""
    """the sentence, title or value that the mark matched, word for word"""
    identified: bool | None = None
    """the page names the subject that was asked for; null: an early version did not look for that"""
    led_to: LedTo | None = None
    """where it led, if it is not the page that was asked for"""
    signed_in: bool | None = None
    signed_in_as: Text | None = None
    screenshot: RelativePath | None = None
    taken_at: Time | None = None
    milliseconds: Count = 0
    failure: Failure | None = None
    noindex: Text | None = None
    """the robots directive that keeps the page out of search engines"""
    signs: tuple[SignRecord, ...] = ()
    facts: Mapping[Text, Number] = {}
    series: Mapping[Text, tuple[Day, ...]] = {}
    """whole days, oldest first"""
    story_facts: Mapping[Text, Mapping[Text, Number]] = {}
    """numbers of single stories, by their ids; null: not shown"""
    stories: tuple[StoryRef, ...] | None = None
    """null: the page has no list that can be read"""
    text_length: Count = 0
    clearance: Clearance | None = None
    """a person passed a wall for this page load, or earlier; null: none had to be passed"""


class _Opened(_Part):
    viewpoint: Name
    purpose: Purpose
    kind: PageKind
    url: Text


class FurtherRecord(ViewRecord, _Opened):
    """A second look, or another page that says whether the first one exists."""

    model_config = _always("viewpoint", "purpose", "kind", "url", *_VIEW)


class ControlRecord(_Part):
    """What was seen of an account whose state is known."""

    kind: ControlKind
    handle: Text
    outcome: Outcome
    ok: bool
    url: Text = ""
    led_to: LedTo | None = None
    detail: Text = ""
    followers: Number = None
    noindex: Text | None = None
    signs: tuple[Text, ...] = ()
    facts: Mapping[Text, Number] = {}
    page: PageKind = PageKind.PROFILE
    """of which kind its page is"""
    listed: Number = None
    """how many stories its page lists; null: it has no list that can be read"""


class PageRecord(_Part):
    """A page: its verdict and what each viewpoint was shown."""

    model_config = _always("kind", "url", "verdict", "rules", "views", "side_by_side")

    kind: PageKind
    url: Name
    subject: Text = ""
    folder: RelativePath = ""
    verdict: Verdict
    silent: Silent = None
    strength: Strength
    rules: Rules = ()
    reasons: Reasons = ()
    would_change: Text = ""
    limit: Annotated[Text, Field(description="in what way a limited page is kept from the public")] = ""
    views: Annotated[
        Mapping[Text, ViewRecord],
        Field(
            description="by viewpoint",
            json_schema_extra={
                "allOf": [
                    {"properties": {ANONYMOUS: {"required": ["mark"]}, AUTHOR: {"required": ["signed_in"]}}}
                ]
            },
        ),
    ] = {}
    side_by_side: RelativePath | None = None
    readers: Annotated[Mapping[Text, ViewRecord], Field(description="what other accounts were shown")] = {}
    further: tuple[FurtherRecord, ...] = ()

    def view(self, viewpoint: str) -> ViewRecord | None:
        """Return what this viewpoint was shown; None where it did not open the page."""
        return self.views.get(viewpoint)


class UnopenedRecord(_Part):
    """A page that the run did not open, since it was fine when an earlier run did. It has no verdict."""

    kind: PageKind
    url: Name
    last_looked: Time
    """when the run that opened it last, `last_run`, began"""
    last_run: Name
    subject: Text = ""
    title: Text = ""


class ProfileRecord(_Part):
    """A profile: its verdict, and all that led to it."""

    model_config = _always(
        "name",
        "platform",
        "handle",
        "verdict",
        "silent",
        "strength",
        "summary",
        "rules",
        "controls",
        "facts",
        "pages",
    )

    name: Name
    platform: Name
    platform_title: Text = ""
    """the platform's name as people write it"""
    platform_file: Text = ""
    """which file it was judged by: shipped, added (`platforms add`), own (a path), or learned"""
    marks_seen: Text = ""
    """when the first and the last of that file's marks were seen"""
    day_starts: Annotated[
        Text | None, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="HH:MM in UTC; null: not known")
    ] = None
    """when the platform's statistics begin a new day"""
    handle: Name
    """as people write it on that platform"""
    verdict: Verdict
    silent: Silent = None
    strength: Strength
    summary: Text = ""
    rules: Rules = ()
    reasons: Reasons = ()
    would_change: Text = ""
    next_steps: tuple[Text, ...] = ()
    notes: tuple[Text, ...] = ()
    controls: tuple[ControlRecord, ...] = ()
    facts: Mapping[Text, Fact] = {}
    """an unknown number is null, never 0"""
    pages: tuple[PageRecord, ...]
    not_opened: tuple[UnopenedRecord, ...] = ()
    """those that were fine lately and are left to a later run"""


class DeliveryRecord(_Part):
    """A message that was sent, or could not be."""

    at: Time
    channel: Text
    kind: Text
    profile: Text | None
    incident: Text | None
    ok: bool
    detail: Text


class OutageRecord(_Part):
    """A channel on which nothing arrives."""

    channel: Text
    since: Time
    detail: Text


class AlertsRecord(_Part):
    """What came of the alerts. Printed by --format json alone: run.json is sealed before they are sent."""

    deliveries: tuple[DeliveryRecord, ...]
    dead: tuple[OutageRecord, ...]


class ExtractRecord(_Part):
    """Says of a document that it holds one profile alone, and what of it was left out."""

    profile: Text
    left_out: tuple[Text, ...] = ()
    private_pages: tuple[Text, ...] = ()


class RunDocument(_Part):
    """What `selfcheck run --format json` prints and run.json holds. Fields may be added, never renamed."""

    form: Literal["selfcheck.run/1"] = Field(alias="schema")
    run_id: Name
    started_at: Time
    finished_at: Time
    exit_code: ExitCode
    tool: ToolInfo
    extract: ExtractRecord | None = None
    page_views: Mapping[Text, Count] = {}
    footprint: tuple[HostFootprint, ...] = ()
    """what the run asked of each host, by viewpoint"""
    refused_requests: tuple[RefusedRequest, ...] = ()
    """what pages asked for in vain, the most frequent first, at most 200"""
    failures: tuple[Text, ...] = ()
    """profiles that selfcheck itself failed on, and why"""
    not_checked: tuple[Text, ...] = ()
    """profiles that the run did not come to or broke off, by their names; the next run goes on with them"""
    seed: int | None = None
    browser_mode: BrowserMode | None = None
    """with what kind of browser every page was opened: without a window, with one, or on another machine"""
    profiles: tuple[ProfileRecord, ...]
    alerts: AlertsRecord | None = None

    @classmethod
    def of(cls, result: RunResult, *, alerts: Mapping[str, object] | None = None) -> Self:
        """Return the document of a run; `alerts` is known only after the run's own file is sealed."""
        sent = {} if alerts is None else {"alerts": alerts}
        return cls.model_validate({"schema": SCHEMA, **vars(result), **sent})

    def profile(self, name: str) -> ProfileRecord | None:
        """Return the profile of this name, or None."""
        return next((profile for profile in self.profiles if profile.name == name), None)

    def plain(self) -> dict[str, Any]:
        """Return the document as plain JSON values, in the Contract's order."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def to_json(self) -> str:
        """Return the document as indented JSON that ends in a line break."""
        return json.dumps(self.plain(), ensure_ascii=False, indent=2) + "\n"


def run_schema() -> str:
    """Return the JSON Schema of the document, as `run.schema.json` ships it."""
    schema = RunDocument.model_json_schema(schema_generator=DescribedSchema)
    return schema_text(schema, of="run:1", title="A run of selfcheck")
