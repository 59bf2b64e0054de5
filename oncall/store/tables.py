"""The tables of the store, for SQLAlchemy Core; times are whole microseconds since 1970 UTC, JSON is text."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Integer, MetaData, Table, Text, true

METADATA = MetaData()

INBOX = Table(
    "inbox",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("same_as", Text),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("outcome", Text),
    Column("incident", Text),
    Index("inbox_same", "same_as", "at"),
)

INCIDENTS = Table(
    "incidents",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("case_ref", Text, nullable=False, unique=True),
    Column("status", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("dedup_key", Text, nullable=False),
    Column("contact_phone", Text, nullable=False),
    Column("contact_email", Text, nullable=False, server_default=""),
    Column("customer", Text, nullable=False, server_default=""),
    Column("wake_at", BigInteger),
    Column("turn", Integer, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("handbook", Text, nullable=False),
    Column("poisoned", Boolean, nullable=False, default=False),
    Column("state", Text, nullable=False),
    # Invariant I2 in the table itself: what is not over has a next action.
    CheckConstraint("status IN ('resolved', 'declined') OR wake_at IS NOT NULL", name="next_action"),
    Index("incidents_wake", "wake_at"),
    Index("incidents_dedup", "dedup_key"),
    Index("incidents_phone", "contact_phone"),
    Index("incidents_contact_email", "contact_email"),
    Index("incidents_customer", "customer"),
    Index("incidents_closed", "closed_at"),
)

LOG = Table(
    "log",
    METADATA,
    Column("incident", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("salt", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    # Emptied by forgetting; the digest keeps the chain whole.
    Column("entry", Text),
    Index("log_at", "at"),
)

ANCHORS = Table(
    "log_anchors",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("heads", Integer, nullable=False),
    Column("hash", Text, nullable=False),
)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("url_key", Text, nullable=False, unique=True),
    Column("incident", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("way", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("only_way", Boolean, nullable=False, server_default=true()),
    Column("ordered_at", BigInteger, nullable=False),
    # When it may be claimed: what is due, or the end of a claim's lease; empty once it is settled.
    Column("next_at", BigInteger),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("fence", Integer, nullable=False, default=0),
    Column("attempts", Integer, nullable=False, default=0),
    Column("provider_id", Text, nullable=False, default=""),
    Column("receipt", Text, nullable=False, default=""),
    Column("settled_at", BigInteger),
    Index("outbox_next", "next_at"),
    Index("outbox_incident", "incident"),
    Index("outbox_address", "address"),
)

ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("order_id", Text, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("result", Text, nullable=False, default=""),
    Column("detail", Text, nullable=False, default=""),
    Column("provider_id", Text, nullable=False, default=""),
)

CODES = Table(
    "codes",
    METADATA,
    Column("person", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("incident", Text, nullable=False),
    Column("bound_at", BigInteger, nullable=False),
    Column("free_at", BigInteger),
    Index("codes_incident", "incident"),
)

HANDBOOKS = Table(
    "handbooks",
    METADATA,
    Column("version", Text, primary_key=True),
    Column("files", Text, nullable=False),
    Column("loaded_at", BigInteger, nullable=False),
)

CASES = Table(
    "cases",
    METADATA,
    Column("incident", Text, primary_key=True),
    # Up to which line of the log, and by which definitions, the case was gathered.
    Column("turn", Integer, nullable=False),
    Column("definitions", Integer, nullable=False),
    Column("reported_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    # Empty when the log was emptied before it was gathered.
    Column("body", Text, nullable=False),
    Index("cases_last", "last_at"),
)

CLOCK = Table("clock", METADATA, Column("id", Integer, primary_key=True), Column("mark", BigInteger, nullable=False))

OVERRIDES = Table(
    "overrides",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("rotation", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("people", Text, nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("why", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
)

REQUESTS = Table(
    "requests",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("topic", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("other", Text, nullable=False),
    Column("rotation", Text, nullable=False),
    # Empty while it is not known yet which duty is meant.
    Column("start", BigInteger),
    Column("end", BigInteger),
    Column("back_start", BigInteger),
    Column("back_end", BigInteger),
    Column("until", BigInteger),
    Column("seed", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("stage", Text, nullable=False),
    Column("taken_by", Text, nullable=False),
    Column("ended_at", BigInteger),
    Index("requests_stage", "stage"),
)

ASKS = Table(
    "asks",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("person", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("about", Text, nullable=False),
    # 0 where somebody is asked about their own duty.
    Column("request", BigInteger, nullable=False),
    Column("rotation", Text, nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("answer", Text, nullable=False),
    Column("answered_at", BigInteger),
    Column("how", Text, nullable=False),
    Column("settled_at", BigInteger),
    # The incident that a page was about, where somebody is asked whether it was right.
    Column("incident", Text, nullable=False, server_default=""),
    Index("asks_request", "request"),
    Index("asks_person", "person", "rotation", "start"),
    Index("asks_incident", "incident"),
    Index("asks_about", "about", "start"),
)

FEEDS = Table("feeds", METADATA, Column("name", Text, primary_key=True), Column("token", Text, nullable=False))

CHORES = Table("chores", METADATA, Column("name", Text, primary_key=True), Column("done_until", BigInteger, nullable=False))

BROKEN_WAYS = Table(
    "broken_ways",
    METADATA,
    Column("person", Text, primary_key=True),
    Column("way", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
)

WRONG_CODES = Table(
    "wrong_codes",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("sender", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("wrong_codes_sender", "sender", "at"),
)

BOARDS = Table(
    "boards",
    METADATA,
    Column("incident", Text, primary_key=True),
    # Slack's id of the message as 'channel/ts'; '' until it is posted.
    Column("posted", Text, nullable=False),
    Column("shown_turn", Integer, nullable=False),
    Column("wanted_turn", Integer, nullable=False),
    Column("thread_seq", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    # When it has to be brought up to date; empty while it is.
    Column("next_at", BigInteger),
    Index("boards_next", "next_at"),
)

SURVEYS = Table(
    "surveys",
    METADATA,
    Column("incident", Text, primary_key=True),
    Column("phone", Text, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in ("reported_at", "asked_at", "until")),
    Column("rating", Integer),
    Column("comment", Text, nullable=False),
    Column("call", Boolean, nullable=False),
    Column("answered_at", BigInteger),
    Column("how", Text, nullable=False),
    Index("surveys_phone", "phone", "asked_at"),
    Index("surveys_reported", "reported_at"),
)

NO_SURVEYS = Table("no_surveys", METADATA, Column("phone", Text, primary_key=True), Column("at", BigInteger, nullable=False))

REVIEWS = Table(
    "reviews",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    *(Column(name, Text, nullable=False) for name in ("topic", "incident", "words", "owner")),
    *(Column(name, BigInteger, nullable=False) for name in ("reported_at", "made_at", "due_at")),
    *(Column(name, BigInteger) for name in ("told_at", "closed_at")),
    *(Column(name, Text, nullable=False) for name in ("closed_by", "because")),
    Index("reviews_closed", "closed_at"),
    Index("reviews_reported", "reported_at"),
)

PULSE_ASKED = Table(
    "pulse_asked", METADATA, *(Column(name, Text, primary_key=True) for name in ("quarter", "person")), Column("asked_at", BigInteger, nullable=False)
)
PULSE_TOKENS = Table(
    "pulse_tokens", METADATA, Column("digest", Text, primary_key=True), Column("quarter", Text, nullable=False), sqlite_with_rowid=False
)
# Neither has rows in the order in which they came.
PULSE_ANSWERS = Table(
    "pulse_answers",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("quarter", Text, nullable=False),
    *(Column(name, Integer, nullable=False) for name in ("fair", "rested", "prepared", "supported", "recommend")),
    sqlite_with_rowid=False,
)
