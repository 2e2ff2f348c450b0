-- What a workspace is asked to keep in step: segments with their versions, the portal, who did what.

create table segment (
    key        text primary key,
    version    integer not null,
    archived   integer not null default 0,
    position   integer not null          -- order on screen, and the palette's order
) strict;

create table segment_version (
    key        text not null references segment (key),
    version    integer not null,
    definition text not null,            -- JSON of the segment
    changed_at text not null,            -- ISO, UTC
    changed_by text not null,
    primary key (key, version)
) strict;

create table connection (
    portal_id  text primary key,
    definition text not null,            -- JSON of the connection, without the token
    token      blob,                     -- sealed; the key lies outside the workspace
    saved_at   text not null,
    saved_by   text not null,
    active     integer not null default 1
) strict;

create unique index one_active_connection on connection (active) where active = 1;

create table setting (
    name       text primary key,
    value      text not null
) strict;

-- Append-only: each row's hash covers the row before it.
create table audit (
    number     integer primary key,
    at         text not null,
    actor      text not null,
    act        text not null,
    subject    text not null,
    detail     text not null,
    hash       text not null
) strict;

create trigger audit_is_not_changed before update on audit begin select raise(abort, 'the audit log is append-only'); end;
create trigger audit_is_not_deleted before delete on audit begin select raise(abort, 'the audit log is append-only'); end;
