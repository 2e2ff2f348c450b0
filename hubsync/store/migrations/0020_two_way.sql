-- Whose value stands where HubSpot's differs from ours, and which of HubSpot's fields come back. Times: ISO, UTC.

create table field_rule (
    portal_id  text not null,
    field      text not null,             -- a property's or a list's name
    winner     text not null,
    set_at     text not null,
    set_by     text not null,
    primary key (portal_id, field)
) strict, without rowid;

create table attribute (
    portal_id  text not null,
    property   text not null,             -- of HubSpot's; a customer's attribute hubspot_<property>
    chosen_at  text not null,
    chosen_by  text not null,
    primary key (portal_id, property)
) strict, without rowid;
