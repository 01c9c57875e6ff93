"""Components written out into templates say what they would have said as calls."""

import pytest
from flask import Flask, url_for
from jinja2 import DictLoader, Environment, StrictUndefined

from consent.locale import Locale
from pages.shell.addresses import Addresses
from pages.shell.assets import shipped as shipped_files
from pages.shell.inlining import Inlining
from pages.shell.site import PAGES
from pages.shell.texts import shipped as shipped_texts
from pages.shell.writing import Writer, writer

UI = """
{%- macro badge(text, tone='') %}<i{% if tone %} class="{{ tone }}"{% endif %}>{{ text }}</i>{% endmacro %}
{%- macro card(title=None) %}
<section>{% if title %}<h2>{{ title }}</h2>{% endif %}{% if caller is defined %}{{ caller() }}{% endif %}</section>
{% endmacro %}
{%- macro item(title, end=None) %}<li>{{ title }}{% if end %}<b>{{ end }}</b>{% endif %}</li>{% endmacro %}
{%- macro list(names) %}<ul>{% for name in names %}{{ item(name, badge(loop.index)) }}{% endfor %}</ul>{% endmacro %}
"""
BESIDE = "{% set tones = {'x': 'y'} %}{% macro toned(name) %}<i>{{ tones.get(name, name) }}</i>{% endmacro %}"
LAYOUT = "{% import 'ui' as ui with context %}<main>{% block content %}{% endblock %}</main>"
HEAD = "{% extends 'layout' %}{% block content %}"
TEMPLATES = {
    "constant": "{{ ui.badge(t('a & b'), 'good') }}",
    "escaped": "{{ ui.badge(name) }}{{ ui.badge('<q>', name) }}",
    "block": "{% call ui.card(name) %}{{ name }}{{ ui.badge(name) }}{% endcall %}{% call ui.card() %}{% endcall %}",
    "no block": "{{ ui.card(name) }}",
    "blocks in blocks": "{% call ui.card() %}{% call ui.card(name) %}{{ names|join(',') }}{% endcall %}{% endcall %}",
    "same names": "{% set title = 'outer' %}{% for name in names %}{% call ui.card(name ~ loop.index) %}"
    "{{ title }}{{ name }}{% endcall %}{% endfor %}",
    "loop in loop": "{% for one in names %}{{ ui.list(names) }}{{ ui.item(loop.index, one) }}{% endfor %}{{ name }}",
    "component in component": "{{ ui.item(name, ui.badge('x')) }}{{ ui.item(name, end=ui.badge(name)) }}",
    "component or nothing": "{{ ui.item(name, end=ui.badge(name) if names else None) }}",
    "choice": "{{ ui.badge(1) if name else ui.badge(2) }}{% if none %}a{% elif name == 'x' %}b{% else %}c{% endif %}",
    "operand": "{{ 'before ' ~ ui.badge(name) }}{% set kept = ui.badge('y') %}{{ kept }}",
    "names beside macros": "{% import 'beside' as beside with context %}{{ beside.toned('x') }}{{ beside.toned(name) }}",
    "own macro": "{% macro own(what) %}{{ ui.badge(what) }}{{ caller() }}{% endmacro %}"
    "{% call own('z') %}{{ name }}{% endcall %}",
}


@pytest.mark.parametrize("template", list(TEMPLATES))
@pytest.mark.parametrize("names", [[], ["<one>", "two"]], ids=["none", "two"])
def test_what_is_written_out_says_the_same(template: str, names: list[str]) -> None:
    held = {"ui": UI, "layout": LAYOUT, "beside": BESIDE} | {
        name: f"{HEAD}{text}{{% endblock %}}" for name, text in TEMPLATES.items()
    }
    plain = Environment(  # as Jinja has it
        loader=DictLoader(held), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made = Writer(DictLoader(held))
    plain.globals["t"] = made.globals["t"] = str
    written_out = made.from_string(Inlining(made, {"t": str}).applied(made.parse(held[template])))
    given = {"name": "<me & you>", "names": names}
    assert written_out.render(given) == plain.get_template(template).render(given)


def test_constants_leave_no_call_behind() -> None:
    plain = Environment(loader=DictLoader({"ui": UI}), autoescape=True)
    source = "{% import 'ui' as ui with context %}{{ ui.badge(t('a & b'), 'good') }}"
    tree = Inlining(plain, {"t": str.upper}).applied(plain.parse(source))
    (only,) = plain.from_string(tree).root_render_func(plain.from_string("").new_context())
    assert only == '<i class="good">A &amp; B</i>'


def test_a_component_is_given_what_it_takes() -> None:
    plain = Environment(loader=DictLoader({"ui": UI}), autoescape=True)
    with pytest.raises(TypeError, match="badge takes text, tone, not tone"):
        Inlining(plain, {}).applied(plain.parse("{% import 'ui' as ui %}{{ ui.badge(tone='x') }}"))


@pytest.mark.parametrize(
    ("endpoint", "values"),
    [
        ("plain", {}),
        ("plain", {"q": "a b&c=d/é", "none": None, "n": 3}),
        ("named", {"name": "a/b ü?#%+~<"}),
        ("named", {"name": "..", "page": 2}),
        ("two", {"name": "a"}),
        ("two", {"name": "a", "number": 7, "x": "y"}),
    ],
    ids=["path", "query", "quoted", "dots", "shorter", "longer"],
)
def test_an_address_is_as_flask_makes_it(endpoint: str, values: dict[str, object]) -> None:
    app = Flask("book")
    app.add_url_rule("/", "plain", methods=["GET"])
    app.add_url_rule("/one/<name>/end", "named", methods=["GET"])
    app.add_url_rule("/two/<name>", "two", methods=["GET"])
    app.add_url_rule("/two/<name>/<int:number>", "two", methods=["GET"])
    with app.test_request_context():
        assert Addresses(app).url(endpoint, **values) == url_for(endpoint, **values)  # type: ignore[arg-type]


def test_every_template_of_ours_can_be_written_out() -> None:
    roots = (PAGES,)
    made = writer(roots, Locale.EN, shipped_texts(roots), shipped_files(roots).url)
    names = [f"{file.parents[1].name}/{file.name}" for file in PAGES.glob("*/templates/*.html")]
    assert names
    for name in names:
        made.get_template(name)
