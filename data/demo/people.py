"""Who a household might be: a made-up name and address, the same ones every time."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass

_FIRST = {
    "pt": (
        "Adriana Alexandre Aline Amanda Ana André Antônio Beatriz Bianca Bruno Caio Camila Carla Carlos Cláudia "
        "Daniela Débora Diego Eduardo Elaine Fábio Felipe Fernanda Flávia Gabriel Giovana Guilherme Gustavo Helena "
        "Henrique Igor Isabela Joana João José Juliana Larissa Leandro Letícia Luana Lucas Luiza Marcelo Márcia "
        "Mariana Mateus Natália Otávio Patrícia Paulo Priscila Rafael Renata Ricardo Rodrigo Simone Tatiana Thiago "
        "Vanessa Vinícius"
    ),
    "en": (
        "Abigail Adam Alice Amelia Andrew Anna Arthur Audrey Benjamin Bridget Caroline Charles Charlotte Claire "
        "Daniel David Diana Dorothy Edward Eleanor Emily Emma Ethan Evelyn Frances Frank George Grace Hannah Harold "
        "Heather Henry Irene Isaac Jack James Jane Janet Joseph Judith Karen Laura Leonard Linda Louise Margaret "
        "Martin Megan Michael Nancy Nathan Oliver Pamela Peter Rachel Robert Ruth Samuel Sarah Walter"
    ),
}
_LAST = {
    "pt": (
        "Almeida Alves Andrade Araújo Azevedo Barbosa Barros Batista Borges Braga Brito Campos Cardoso Carvalho "
        "Castro Correia Costa Cunha Dias Duarte Farias Fernandes Ferreira Fonseca Freitas Garcia Gomes Gonçalves "
        "Lima Lopes Machado Magalhães Marques Martins Medeiros Melo Mendes Miranda Monteiro Moraes Moreira Moura "
        "Nascimento Nogueira Nunes Oliveira Peixoto Pereira Pinheiro Pinto Ramos Reis Ribeiro Rocha Santana Santos "
        "Silveira Souza Teixeira Vieira"
    ),
    "en": (
        "Adams Allen Anderson Bailey Baker Barnes Bennett Brooks Brown Butler Campbell Carter Clark Coleman Collins "
        "Cooper Cox Davis Edwards Evans Fisher Foster Gray Green Griffin Hall Harris Hayes Henderson Hughes Jackson "
        "Jenkins Johnson Jones Kelly King Lewis Long Marshall Miller Mitchell Moore Morgan Murphy Nelson Owens "
        "Parker Patterson Perry Phillips Powell Price Reed Richardson Roberts Rogers Russell Simmons Turner Walker"
    ),
}
#: Prime to the number of pairs of names, so that neighbouring numbers get unlike names and no two get the same.
_STRIDE = 1_597
_PORTUGUESE = 0.5
_UNDERSCORED = 0.25
_GAVE_NONE = 0.010
_MISTYPED = 0.005
#: A couple of households that gave the shop one address for both.
_SHARES_ADDRESS_OF = {"1023": "718"}


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who does not exist."""

    number: int
    first_name: str
    last_name: str
    #: The address that is theirs; no two people have the same.
    email: str
    #: Another address that is theirs, for those whose portal knows them by it.
    work_email: str


def person(number: int) -> Person:
    """Return the person for a whole number from 0."""
    language = "pt" if fraction(number, "language") < _PORTUGUESE else "en"
    first, last = _FIRST[language].split(), _LAST[language].split()
    generation, pair = divmod(number, len(first) * len(last))
    pair = pair * _STRIDE % (len(first) * len(last))
    first_name, last_name = first[pair % len(first)], last[pair // len(first)]
    separator = "_" if fraction(number, "separator") < _UNDERSCORED else "."
    name = _plain(f"{first_name}{separator}{last_name}") + (str(generation) if generation else "")
    return Person(
        number=number,
        first_name=first_name,
        last_name=last_name,
        email=f"{name}@example.com",
        work_email=f"{name}@work.example.com",
    )


def given_email(household: str) -> str | None:
    """Return the address the shop has on file for a household.

    Mostly the person's own; about one in fifty gave none or mistyped it, and two households gave the same one.
    """
    if household in _SHARES_ADDRESS_OF:
        return person(int(_SHARES_ADDRESS_OF[household])).email
    email = person(int(household)).email
    luck = fraction(int(household), "given e-mail")
    if luck < _GAVE_NONE:
        return None
    if luck < _GAVE_NONE + _MISTYPED:
        return email.replace("@", " at ")
    if luck < _GAVE_NONE + 2 * _MISTYPED:
        return email.removesuffix(".com")
    return email


def fraction(number: int, topic: str) -> float:
    """Return a number in [0, 1) that depends on nothing but its arguments: the demo's only source of chance."""
    digest = hashlib.blake2b(f"{topic}:{number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
