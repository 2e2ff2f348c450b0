-- Plans, the runs that execute them, and what HubSpot confirmed. Times are ISO text in UTC.

create table plan (
    plan_id    text primary key,
    portal_id  text not null,
    target     text not null,
    made_at    text not null,
    header     text not null              -- JSON of the plan without its rows, which lie in Parquet
) strict;

create table run (
    number     integer primary key,       -- order of asking
    run_id     text not null unique,
    plan_id    text not null references plan (plan_id),
    segment_key text not null,
    target     text not null,
    list_name  text not null,
    portal_id  text not null,
    state      text not null,
    paused_for text not null default '',
    resume_at  text not null default '',
    started_by text not null,
    queued_at  text not null,
    started_at text not null default '',
    finished_at text not null default '',
    planned    integer not null,
    confirmed  integer not null default 0,
    unchanged  integer not null default 0,
    rejected   integer not null default 0,
    skipped    integer not null default 0,
    cancelled  integer not null default 0,
    requests   integer not null default 0,
    throttled  integer not null default 0,
    setbacks   integer not null default 0, -- pauses in a row that no progress followed
    problem    text not null default '',
    undo_of    text not null default '',
    cancel_asked integer not null default 0,
    guard_lifted integer not null default 0
) strict;

-- Two exports to one target of a portal never interleave. A plan has one portal and target, so a double click
-- cannot make two runs of it either.
create unique index one_active_run on run (portal_id, target) where state in ('planned', 'running', 'paused');
create index run_by_plan on run (plan_id);

create table batch (
    run_id     text not null references run (run_id),
    number     integer not null,
    kind       text not null,             -- an op, or 'membership' for members that come and go in one request
    first_row  integer not null,
    last_row   integer not null,          -- inclusive
    state      text not null default 'pending',
    attempt    integer not null default 0,
    epoch      integer not null default 0,
    parent     integer,
    primary key (run_id, number)
) strict, without rowid;

create index batch_open on batch (run_id, first_row) where state in ('pending', 'in_flight');

create table row_result (
    run_id     text not null references run (run_id),
    row        integer not null,
    outcome    text not null,
    customer_id text not null,
    contact_id text not null,
    category   text not null default '',
    message    text not null default '',
    correlation_id text not null default '',
    primary key (run_id, row)
) strict, without rowid;

create index row_result_told on row_result (run_id, outcome) where outcome in ('rejected', 'skipped');

-- What HubSpot last confirmed, per contact and field: a property's name, or 'list:ID' with the value 'member'.
-- Rows without a contact are about the portal: 'group:NAME', 'property:NAME' (its type), 'list_name:NAME' (its id).
create table acknowledged (
    portal_id  text not null,
    contact_id text not null,
    field      text not null,
    value      text not null,
    at         text not null,
    run_id     text not null,
    sequence   integer not null,          -- grows with every acknowledgement, whatever the clock says
    primary key (portal_id, contact_id, field)
) strict, without rowid;

create index acknowledged_by_field on acknowledged (portal_id, field, sequence);
create index acknowledged_by_sequence on acknowledged (sequence);

-- What a confirmed row replaced, so that it can be taken back.
create table prior (
    run_id     text not null references run (run_id),
    row        integer not null,
    value      text not null,
    primary key (run_id, row)
) strict, without rowid;

-- Who may write to a portal's target now. The epoch only grows: who was overtaken can tell, and changes nothing.
create table lease (
    portal_id  text not null,
    target     text not null,
    holder     text not null,
    epoch      integer not null,
    until      text not null,
    primary key (portal_id, target)
) strict, without rowid;

create table heartbeat (
    worker     text primary key,
    at         text not null,
    doing      text not null
) strict, without rowid;
