"""Small instruments that together have every question type and every way in which questions hang together."""

from pathlib import Path

from bot import library
from conversations.instrument import Instrument
from conversations.xlsform import parse_instrument, read_instrument

EVERYTHING = Path(__file__).with_name("everything.md")

ONE = """
| settings |
|          | version |
|          | 1       |

| survey |
| | type | name  | label       | required | hilo::purpose |
| | text | unica | ¿Qué pasó?  | yes      |               |
| | text | otra  | ¿Y qué más? |          | fotos         |
"""

SHORT = """
| settings |
|          | version |
|          | 1       |

| survey |
| | type                  | name  | label          | relevant        | calculation                            |
| | select_one hechos     | hizo  | ¿Qué hiciste?  |                 |                                        |
| | calculate             | gana  |                |                 | if(${hizo} = 'trabaje', 'si', ${hizo}) |
| | select_one lugar      | lugar | ¿Dónde vives?  |                 |                                        |
| | select_multiple cosas | falta | ¿Qué te falta? | ${gana} != 'si' |                                        |

| choices |
| | list_name | name    | label          | hilo::exclusive | hilo::case |
| | hechos    | trabaje | Trabajé        |                 |            |
| | hechos    | busque  | Busqué trabajo |                 |            |
| | hechos    | nada    | Nada de eso    |                 |            |
| | lugar     | casa    | En mi casa     |                 |            |
| | lugar     | otra    | En otra parte  |                 |            |
| | cosas     | comida  | Comida         |                 | ayuda      |
| | cosas     | ropa    | Ropa           |                 | ayuda      |
| | cosas     | nada    | Nada           | yes             |            |
"""

LONGEST = """
| settings |
|          | version |
|          | 1       |

| survey |
| | type                                                             | name                             | label    |
| | select_one lista                                                 | una_con_treinta_y_dos_letras_abc | ¿Cuál?   |
| | select_multiple lista                                            | dos_con_treinta_y_dos_letras_abc | ¿Cuáles? |

| choices |
| | list_name | name                             | label                             |
| | lista     | opcion_con_treinta_y_dos_letras1 | Opción con un letrero bien largo  |
| | lista     | opcion_con_treinta_y_dos_letras2 | Otra                              |
"""

EVERYTHING_READ = read_instrument(EVERYTHING)
ONE_READ = parse_instrument("una", ONE)
SHORT_READ = parse_instrument("corta", SHORT)
LONGEST_READ = parse_instrument("larga", LONGEST)


def shipped() -> list[Instrument]:
    """The instruments that are shipped, as they are asked today."""
    shelf = library.build([], library.shipped_sources())
    found = [shelf.latest(name) for name in shelf.names]
    assert found, "nothing is shipped"
    return found


def every() -> list[Instrument]:
    """The shipped instruments and the small ones."""
    return [*shipped(), EVERYTHING_READ, SHORT_READ, ONE_READ, LONGEST_READ]
