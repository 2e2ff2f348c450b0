-- Syncs with their versions, when their turns come, and who hears how they stand. Times are ISO text in UTC.

create table sync (
    key        text primary key,
    version    integer not null,
    archived   integer not null default 0,
    position   integer not null
) strict;

create table sync_version (
    key        text not null references sync (key),
    version    integer not null,
    definition text not null,             -- JSON of the sync
    changed_at text not null,
    changed_by text not null,
    primary key (key, version)
) strict;

-- What a sync waits for. A row exists while it is enabled and has a schedule.
create table schedule (
    sync_key   text primary key references sync (key),
    portal_id  text not null,             -- the portal it may write to; '' until one is connected
    looked_at  text not null,             -- times up to here had their turn
    next_at    text not null default '',  -- '' where an event decides, not a clock
    seen       text not null default ''   -- the data or the features that last had their turn
) strict, without rowid;

create table turn (
    number     integer primary key,
    sync_key   text not null references sync (key),
    version    integer not null,
    portal_id  text not null,
    asked_by   text not null,
    asked_at   text not null,
    due_at     text not null,
    missed     integer not null default 0, -- earlier times that went by while nothing ran
    state      text not null default 'open',
    parts      text not null default '[]', -- JSON: how far each segment came
    tries      integer not null default 0,
    again_at   text not null,              -- not looked at before
    waits_for  text not null default '',   -- a run that stands still
    waits_as   text not null default '',   -- ... and how it stood
    worker     text not null default '',
    epoch      integer not null default 0,
    until      text not null default '',   -- the worker's claim lasts
    ended_at   text not null default '',
    result     text not null default ''    -- JSON: how it went, for whoever hears of it
) strict;

-- A sync's turn that is not over is waited for; what comes round meanwhile is one more that was missed.
create unique index one_open_turn on turn (sync_key) where state = 'open';
create index turn_of_sync on turn (sync_key, number);

create table health (
    sync_key   text primary key references sync (key),
    health     text not null,
    since      text not null,
    told       text not null              -- JSON: why
) strict, without rowid;

create table notice (
    number     integer primary key,
    sync_key   text not null,
    at         text not null,
    before     text not null,
    after      text not null,
    told       text not null              -- JSON: why
) strict;

create table delivery (
    notice     integer not null references notice (number),
    channel    text not null,
    state      text not null,              -- pending, sent or failed
    tries      integer not null,
    again_at   text not null,
    problem    text not null default '',
    primary key (notice, channel)
) strict, without rowid;
