-- The portal's workflows as they were last read, and whom we put into one by name.

create table flow (
    portal_id  text not null,
    flow_id    text not null,
    name       text not null,
    enabled    integer not null,
    readable   integer not null,          -- 0: it is there, and HubSpot does not show what it listens to
    list_ids   text not null,             -- JSON
    properties text not null,             -- JSON
    primary key (portal_id, flow_id)
) strict, without rowid;

create table flow_reading (
    portal_id  text primary key,
    at         text not null,
    problem    text not null              -- why there are none; '' where they could be read
) strict, without rowid;

-- Written before the request: what a workflow does cannot be taken back, so nobody is put into one twice.
create table enrolment (
    portal_id  text not null,
    flow_id    text not null,
    contact_id text not null,
    run_id     text not null,
    state      text not null,             -- intended, enrolled or unknown
    primary key (portal_id, flow_id, contact_id)
) strict, without rowid;
