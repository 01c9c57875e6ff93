"""How templates become pages: one environment for each language, in which everything that never changes is worked out once.

Templates lie in the directory `templates` of each package of pages and are named by it: `staff/sign_in.html`. They are compiled
when they are first asked for, with their components written out (`inlining`), and what is called on the way is called directly:
nothing that templates are given asks for Jinja's context. Everything is escaped, and a name that is not given is an error.
"""

import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from functools import cache, partial
from keyword import iskeyword
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

from consent.locale import Locale
from pages.shell.charts import Charts
from pages.shell.inlining import Inlining
from pages.shell.texts import Texts

_SPECIAL = re.compile("[&<>\"']").search
_ICONS = "shell/icons.html"


def written(value: object) -> str:
    """A value as it stands in a page, as `markupsafe.escape` has it, without a new object where there is nothing to escape."""
    if type(value) is str:
        return escape(value) if _SPECIAL(value) else value
    return value if type(value) is Markup else escape(value)


class _Generator(CodeGenerator):
    """Writes calls and escapes that do not go by way of the context."""

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802 - Jinja's name
        """Call directly what Jinja would first ask whether it wants a context."""
        if forward_caller or node.dyn_args or node.dyn_kwargs or any(iskeyword(one.key) for one in node.kwargs):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for place, given in enumerate([*node.args, *node.kwargs]):
            self.write(", " if place else "")
            self.visit(given, frame)
        self.write(")")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:  # noqa: ARG002 - Jinja's shape
        self.write("environment.written(")


class Writer(Environment):
    """The environment of one language."""

    code_generator_class = _Generator

    def __init__(self, loader: BaseLoader) -> None:
        super().__init__(
            loader=loader,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.written = written


class _WrittenOut(BaseLoader):
    """Templates of another loader, with their components written out."""

    def __init__(self, inner: BaseLoader, constants: Mapping[str, Callable[..., Any]]) -> None:
        self._inner = inner
        self._constants = constants

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        """As the inner loader has it."""
        return self._inner.get_source(environment, template)

    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja's
    ) -> Template:
        """The template, compiled."""
        source, filename, _ = self.get_source(environment, name)
        tree = Inlining(environment, self._constants).applied(environment.parse(source, name, filename))
        code = environment.compile(tree, name, filename)
        return environment.template_class.from_code(environment, code, {} if globals is None else globals)


@cache
def writer(roots: Sequence[Path], locale: Locale, texts: Texts, asset: Callable[[str], str]) -> Writer:
    """The environment of a language, for all packages of pages in some directories."""
    found = [path for root in roots for path in sorted(root.glob("*/templates"))]
    plain = PrefixLoader({path.parent.name: FileSystemLoader(path) for path in found})
    icons: Callable[..., Markup] = getattr(Writer(plain).get_template(_ICONS).module, "icon")  # noqa: B009 - a macro
    constants: dict[str, Callable[..., Any]] = {
        "t": partial(texts.say, locale),
        "has_text": partial(texts.has, locale),
        "asset": asset,
        "icon": cache(icons),
    }
    made = Writer(_WrittenOut(plain, constants))
    made.globals |= {**constants, "n": partial(texts.count, locale), "lang": locale.value, "charts": Charts()}
    return made
