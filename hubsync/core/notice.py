"""A notice: how a sync's standing changed, in words for whoever looks after it; no person's data, no token."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from hubsync.core.segment import Language
from hubsync.core.turn import Health, Reason, Told


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a notice says."""

    subject: str
    happened: str
    kept: str
    to_do: str


@dataclass(frozen=True, kw_only=True)
class Message:
    """A notice on its way."""

    #: The same each time it is sent, so that a receiver can tell a repeat.
    id: str
    at: dt.datetime
    sent_at: dt.datetime
    sync_key: str
    portal_id: str
    before: Health
    after: Health
    told: Told
    words: Words
    #: Where to look.
    link: str
    language: Language = "en"

    @property
    def text(self) -> str:
        """The whole notice as plain text."""
        said = _LABELS[self.language]
        parts = (
            (said["happened"], self.words.happened),
            (said["kept"], self.words.kept),
            (said["to_do"], self.words.to_do),
            (said["see"], self.link),
        )
        return self.words.subject + "\n\n" + "\n".join(f"{label}: {text}" for label, text in parts if text) + "\n"


def words(
    told: Told, *, sync_key: str, before: Health, after: Health, segment: str = "", language: Language = "en"
) -> Words:
    """Return what is said of a sync that now stands for this reason; `segment` is the segment's name."""
    said = _LABELS[language]
    happened, kept, to_do = _sentences(told, segment or sync_key, language)
    subject = said["subject"].format(
        sync=sync_key, after=said[after.value], was=said[before.value] if before is not after else said["still"]
    )
    return Words(subject=subject, happened=happened, kept=kept, to_do=to_do)


def reason_sentence(told: Told, *, segment: str = "", language: Language = "en") -> str:
    """Return only what happened; `segment` is the segment's name."""
    return _sentences(told, segment, language)[0]


def _sentences(told: Told, segment: str, language: Language) -> tuple[str, ...]:
    values = {name: _figure(value) for name, value in told.figures.items()}
    codes = str(told.figures.get("guards", "")).split(",")
    values["guards"] = "; ".join(_GUARDS[language].get(code, code) for code in codes)
    because = str(told.figures.get("because", ""))
    values["because"] = _SENTENCES[language][Reason(because)][0] if because else ""
    given = _Given({**values, "segment": " ".join(segment.split())})
    return tuple(text.format_map(given) for text in _SENTENCES[language][told.reason])


class _Given(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"


def _figure(value: str | int) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    try:
        return f"{dt.datetime.fromisoformat(value).astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
    except ValueError:
        return value


_LABELS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "subject": "Sync “{sync}” is {after} ({was})",
        "fine": "fine",
        "warning": "not all right",
        "failing": "failing",
        "still": "as before",
        "happened": "What happened",
        "kept": "What was kept",
        "to_do": "What to do",
        "see": "See",
    },
    "pt": {
        "subject": "Sincronização “{sync}”: {after} ({was})",
        "fine": "em ordem",
        "warning": "com ressalvas",
        "failing": "parada",
        "still": "como antes",
        "happened": "O que houve",
        "kept": "O que foi preservado",
        "to_do": "O que fazer",
        "see": "Veja",
    },
}

_REST_WAITS = "What was sent is recorded; the rest waits and is not lost."
_NOTHING_SENT = "Nothing was sent; HubSpot is as it was."
_REST_WAITS_PT = "O que foi enviado está registrado; o restante espera e não se perde."
_NOTHING_SENT_PT = "Nada foi enviado; o HubSpot está como estava."

#: What happened, what was kept, what to do.
_SENTENCES: Mapping[Language, Mapping[Reason, tuple[str, str, str]]] = {
    "en": {
        Reason.DONE: ("{confirmed} of {planned} changes are confirmed.", "", "Nothing."),
        Reason.REJECTED: (
            "HubSpot rejected {rejected} of {planned} changes for “{segment}”.",
            "The other {confirmed} are confirmed.",
            "Open the run: it groups the rejected rows by reason, each with a way to mend it.",
        ),
        Reason.GUARD: (
            "The plan for “{segment}” is blocked: {guards}.",
            _NOTHING_SENT,
            "Look at the plan. If it is right, run it by hand, or widen what the sync allows.",
        ),
        Reason.TOKEN: (
            "HubSpot refuses the token.",
            _REST_WAITS,
            "Connect again under Settings › Integrations, then let the run go on.",
        ),
        Reason.SCOPE: (
            "The token may not do what this sync needs.",
            _REST_WAITS,
            "Settings › Integrations names the missing permission; connect again with it.",
        ),
        Reason.DAILY_LIMIT: (
            "HubSpot's requests of the day are used up.",
            _REST_WAITS,
            "Nothing: it goes on by itself at {at}.",
        ),
        Reason.UNREACHABLE: (
            "HubSpot does not answer as it should.",
            _REST_WAITS,
            "Nothing yet: it is tried again at {at}.",
        ),
        Reason.BUSY: (
            "Another run holds the same target.",
            "Nothing of this sync was sent.",
            "Finish or cancel the other run; this one is tried again at {at}.",
        ),
        Reason.STALE: (
            "What the plan was made from changed while it was made.",
            _NOTHING_SENT,
            "Nothing yet: it is tried again at {at}.",
        ),
        Reason.UNFORESEEN: (
            "An error nobody foresaw; the worker's log holds it.",
            _REST_WAITS,
            "Nothing yet: it is tried again at {at}.",
        ),
        Reason.GAVE_UP: (
            "Tried {tries} times in vain. {because}",
            _REST_WAITS,
            "Mend the cause and run the sync again; its schedule goes on in any case.",
        ),
        Reason.WALL: (
            "HubSpot rejected {rejected} of {planned} changes for “{segment}”; the run stopped there.",
            _REST_WAITS,
            "Open the run, look at the reasons, then let it go on or cancel it.",
        ),
        Reason.FAILED: (
            "The run for “{segment}” could not make the list or property it needs.",
            "{confirmed} of {planned} changes are confirmed; the others were not tried.",
            "Open the run: it says what HubSpot refused.",
        ),
        Reason.STOPPED: ("The run for “{segment}” was stopped by a person.", "What was sent stays.", "Nothing."),
        Reason.NOT_CONNECTED: (
            "No portal is connected.",
            _NOTHING_SENT,
            "Connect one under Settings › Integrations.",
        ),
        Reason.OTHER_PORTAL: (
            "The sync was made for portal {meant}, and portal {connected} is connected.",
            _NOTHING_SENT,
            "Connect the portal it was made for, or turn the sync off and on again for this one.",
        ),
        Reason.UNUSABLE: ("It cannot be planned: {what}", _NOTHING_SENT, "Correct the sync, the segment or the data."),
    },
    "pt": {
        Reason.DONE: ("{confirmed} de {planned} alterações confirmadas.", "", "Nada."),
        Reason.REJECTED: (
            "O HubSpot rejeitou {rejected} de {planned} alterações de “{segment}”.",
            "As outras {confirmed} estão confirmadas.",
            "Abra a execução: ela agrupa as linhas rejeitadas por motivo, cada um com um modo de corrigir.",
        ),
        Reason.GUARD: (
            "O plano de “{segment}” está bloqueado: {guards}.",
            _NOTHING_SENT_PT,
            "Veja o plano. Se estiver certo, execute-o à mão ou amplie o que a sincronização permite.",
        ),
        Reason.TOKEN: (
            "O HubSpot recusa o token.",
            _REST_WAITS_PT,
            "Conecte de novo em Configurações › Integrações e deixe a execução continuar.",
        ),
        Reason.SCOPE: (
            "O token não tem a permissão de que esta sincronização precisa.",
            _REST_WAITS_PT,
            "Configurações › Integrações diz qual permissão falta; conecte de novo com ela.",
        ),
        Reason.DAILY_LIMIT: (
            "As requisições do dia no HubSpot acabaram.",
            _REST_WAITS_PT,
            "Nada: continua sozinha em {at}.",
        ),
        Reason.UNREACHABLE: (
            "O HubSpot não responde como deveria.",
            _REST_WAITS_PT,
            "Nada por enquanto: nova tentativa em {at}.",
        ),
        Reason.BUSY: (
            "Outra execução ocupa o mesmo destino.",
            "Nada desta sincronização foi enviado.",
            "Termine ou cancele a outra execução; esta tenta de novo em {at}.",
        ),
        Reason.STALE: (
            "Aquilo de que o plano foi feito mudou enquanto ele era feito.",
            _NOTHING_SENT_PT,
            "Nada por enquanto: nova tentativa em {at}.",
        ),
        Reason.UNFORESEEN: (
            "Um erro que ninguém previu; está no registro do worker.",
            _REST_WAITS_PT,
            "Nada por enquanto: nova tentativa em {at}.",
        ),
        Reason.GAVE_UP: (
            "{tries} tentativas em vão. {because}",
            _REST_WAITS_PT,
            "Corrija a causa e execute a sincronização de novo; a agenda dela continua de qualquer modo.",
        ),
        Reason.WALL: (
            "O HubSpot rejeitou {rejected} de {planned} alterações de “{segment}”; a execução parou ali.",
            _REST_WAITS_PT,
            "Abra a execução, veja os motivos e deixe-a continuar ou cancele-a.",
        ),
        Reason.FAILED: (
            "A execução de “{segment}” não conseguiu criar a lista ou a propriedade de que precisa.",
            "{confirmed} de {planned} alterações confirmadas; as outras não foram tentadas.",
            "Abra a execução: ela diz o que o HubSpot recusou.",
        ),
        Reason.STOPPED: ("A execução de “{segment}” foi parada por alguém.", "O que foi enviado permanece.", "Nada."),
        Reason.NOT_CONNECTED: (
            "Nenhum portal está conectado.",
            _NOTHING_SENT_PT,
            "Conecte um em Configurações › Integrações.",
        ),
        Reason.OTHER_PORTAL: (
            "A sincronização foi feita para o portal {meant}, e o conectado é o {connected}.",
            _NOTHING_SENT_PT,
            "Conecte o portal para o qual foi feita, ou desligue e ligue a sincronização para este.",
        ),
        Reason.UNUSABLE: (
            "Não dá para planejar: {what}",
            _NOTHING_SENT_PT,
            "Corrija a sincronização, o segmento ou os dados.",
        ),
    },
}

_GUARDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "empty_source": "the segment has no members, and everybody would be taken off",
        "size_change": "the segment's size changed by more than is allowed",
        "large_removal": "more people would be taken off than is allowed",
        "many_creates": "more contacts would be created than is allowed",
        "old_mirror": "our copy of HubSpot is too old",
        "list_is_dynamic": "the list is an active one in HubSpot, filled by its own filters",
        "list_taken": "a list of this name is there already, not made from here",
        "list_of_another_segment": "the list belongs to another segment",
        "property_type": "a property is there already, of another type",
        "foreign_property": "a property is not made from here",
    },
    "pt": {
        "empty_source": "o segmento não tem membros, e todos seriam retirados",
        "size_change": "o tamanho do segmento mudou mais do que o permitido",
        "large_removal": "mais pessoas seriam retiradas do que o permitido",
        "many_creates": "mais contatos seriam criados do que o permitido",
        "old_mirror": "nossa cópia do HubSpot é antiga demais",
        "list_is_dynamic": "a lista é ativa no HubSpot, preenchida pelos filtros dela",
        "list_taken": "já existe uma lista com esse nome, não criada daqui",
        "list_of_another_segment": "a lista pertence a outro segmento",
        "property_type": "já existe uma propriedade, de outro tipo",
        "foreign_property": "uma propriedade não foi criada daqui",
    },
}
