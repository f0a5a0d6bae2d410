"""Whatever an author writes: the form loads, or every problem is told; and what compiles can be evaluated."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.errors import InstrumentInvalid, Problem
from conversations.expressions import ExpressionInvalid, compile_expression
from conversations.xlsform import parse_instrument

AT = datetime(2026, 3, 2, 16, tzinfo=UTC)


def listed(*lines: str) -> list[str]:
    """Entries that are set apart by two spaces."""
    return [entry for line in lines for entry in line.split("  ")]


PARTS = listed(
    "${a}  ${b}  ${c  .  ..  (  )  ,  'x'  '  \"  1  2.5  -9  1e400  99999999999999999999  +  -  *  /  |  =  !=  <  >",
    "<=  div  mod  and  or  not(  selected(  count-selected(  if(  today()  true()  regex(  '[a]'  round(  int(",
    "coalesce(  date(  string(  number(  concat(  once(  name  region  $  {  }  @  [  ]  ::  é",
)
SURVEY_COLUMNS = listed(
    "type  name  label  label::Español (es)  hint::English  relevant  constraint  calculation  choice_filter  default",
    "required  hilo::money  media::audio  media::image  hilo::short::Corto (es)  readonly  parameters  appearance",
    "color",
)
CHOICES_COLUMNS = listed("list_name  name  label  zona  hilo::exclusive  media::image  label::English (en)")
CELLS = st.sampled_from(
    listed(
        "",
        "yes  no  text  integer  date  note  audio  calculate  start  select_one l  select_multiple l or_other",
        "begin group  end group  begin repeat  end repeat  l  a  b  zona = 'a'  ¿A?  ${a}  today()  . > 3  1  x y",
        "2026-13-01  Mi sentencia",
    )
) | st.text(alphabet="abXÑ1_$ {}().'\"-:", max_size=8)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=9), st.sampled_from(["", " "]), st.none() | st.integers(-5, 5))
def test_what_compiles_can_be_evaluated(parts: list[str], between: str, this: int | None) -> None:
    try:
        expression = compile_expression(between.join(parts), columns={"name", "region"})
    except ExpressionInvalid:
        return
    assert expression.holds({"a": 3, "b": "x"}, at=AT, this=this, row={"name": "z"}) in (True, False)


def table(name: str, columns: list[str]) -> st.SearchStrategy[str]:
    """A sheet with some of these columns, as Markdown."""

    def filled(chosen: list[str]) -> st.SearchStrategy[str]:
        rows = st.lists(st.lists(CELLS, min_size=len(chosen), max_size=len(chosen)), max_size=4)
        return rows.map(lambda cells: "".join(f"| | {' | '.join(line)} |\n" for line in [chosen, *cells]))

    headers = st.lists(st.sampled_from(columns), unique=True, min_size=1, max_size=8)
    return headers.flatmap(filled).map(lambda lines: f"| {name} |\n{lines}")


@settings(max_examples=200, deadline=None)
@given(table("survey", SURVEY_COLUMNS), table("choices", CHOICES_COLUMNS))
def test_a_form_loads_or_every_problem_is_told(survey: str, choices: str) -> None:
    try:
        form = parse_instrument("x", f"| settings |\n| | version |\n| | 1 |\n{survey}{choices}")
        problems: tuple[Problem, ...] = ()
    except InstrumentInvalid as error:
        form, problems = None, error.problems
    assert problems or (form is not None and form.questions)
    assert all(problem.message for problem in problems)
