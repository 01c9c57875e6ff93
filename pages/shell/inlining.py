"""Templates with their components written out, so that nothing is called for what a page says every time.

A page is made of components (`ui.card`, `ui.item`), and most of what they are given is known before anybody asks for the page:
words, icons, addresses of files. `Inlining.applied` works on the syntax tree of a template, before it is compiled:

1. A call of a known function of constants becomes what it gives: `t('privacy.home.title')` is that text.
2. A call of a component, or a block that calls one, becomes the component's body. What is given to a parameter stands in its
   place where it is a constant or a name; otherwise it is worked out first. Names that the body sets are made new ones.
3. A choice whose test is constant becomes the branch.

What it cannot write out (a component as an operand, a block with parameters) stays a call, and its template imports the
component. A template says the same as before; expressions in templates must have no effects.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from jinja2 import Environment, nodes

_NAMES = count(1)


@dataclass(frozen=True, slots=True)
class Module:
    """A template of components, and what its own names mean. One that sets names beside its macros has none that can be written
    out: elsewhere those names would be nothing."""

    template: str
    macros: Mapping[str, nodes.Macro]
    known: "Scope"


@dataclass(frozen=True, slots=True)
class Scope:
    """What names mean in a stretch of a template: components and modules of them, what parameters stand for, the new names of
    what is set, and the written-out block of the caller, if there is one."""

    components: Mapping[str, tuple[Module, nodes.Macro]] = field(default_factory=dict)
    modules: Mapping[str, Module] = field(default_factory=dict)
    given: Mapping[str, nodes.Expr] = field(default_factory=dict)
    block: Sequence[nodes.Node] | None = None
    in_component: bool = False


class Inlining:
    """Writes out the components of one environment's templates. `constants` are functions that always give the same."""

    def __init__(self, environment: Environment, constants: Mapping[str, Callable[..., Any]]) -> None:
        self._environment = environment
        self._context = nodes.EvalContext(environment)
        self._constants = constants
        self._scopes: dict[str, Scope] = {}

    def applied(self, tree: nodes.Template) -> nodes.Template:
        """The template with its components written out."""
        scope = self._scope_of(tree)
        body = self._body(tree.body, scope)
        used = {one.name for top in body for one in top.find_all(nodes.Name) if one.ctx == "load"}
        own = {name for one in tree.find_all((nodes.Import, nodes.FromImport)) for name in _imported(one)}
        kept = [one for one in body if not _imported(one) or _imported(one) & used]
        made = nodes.Template([*_imports(scope, used - own), *kept], lineno=tree.lineno)
        made.set_environment(self._environment)
        return made

    def _scope_of(self, tree: nodes.Template) -> Scope:
        """What a template imports, and what those import that it extends."""
        components: dict[str, tuple[Module, nodes.Macro]] = {}
        modules: dict[str, Module] = {}
        for one in tree.find_all(nodes.Extends):
            if isinstance(one.template, nodes.Const):
                above = self._read(one.template.value)
                components |= above.components
                modules |= above.modules
        for found in tree.body:
            if isinstance(found, nodes.Import) and isinstance(found.template, nodes.Const):
                modules[found.target] = self._module(found.template.value)
            elif isinstance(found, nodes.FromImport) and isinstance(found.template, nodes.Const):
                module = self._module(found.template.value)
                for name in _imported(found) & module.macros.keys():
                    components[name] = (module, module.macros[name])
        return Scope(components, modules)

    def _read(self, template: str) -> Scope:
        if template not in self._scopes:
            self._scopes[template] = self._scope_of(self._parsed(template))
        return self._scopes[template]

    def _module(self, template: str) -> Module:
        tree = self._parsed(template)
        sets = any(isinstance(one, nodes.Assign | nodes.AssignBlock) for one in tree.body)
        macros = {} if sets else {one.name: one for one in tree.body if isinstance(one, nodes.Macro)}
        return Module(template, macros, self._read(template))

    def _parsed(self, template: str) -> nodes.Template:
        loader = self._environment.loader
        if loader is None:
            raise LookupError("components are found by a loader")
        return self._environment.parse(loader.get_source(self._environment, template)[0], template)

    def _body(self, body: Sequence[nodes.Node], scope: Scope) -> list[nodes.Node]:
        """Statements, with what is written by neighbours written at once."""
        made: list[nodes.Node] = []
        for one in (written for node in body for written in self._statement(node, scope)):
            if isinstance(one, nodes.Output) and made and isinstance(made[-1], nodes.Output):
                made[-1] = nodes.Output([*made[-1].nodes, *one.nodes], lineno=made[-1].lineno)
            else:
                made.append(one)
        return made

    def _statement(self, node: nodes.Node, scope: Scope) -> Iterator[nodes.Node]:
        if isinstance(node, nodes.Output):
            for one in node.nodes:
                yield from self._said(one, scope)
        elif isinstance(node, nodes.If):
            yield from self._choice(node, scope)
        elif isinstance(node, nodes.CallBlock) and (found := self._component(node.call, scope)) and not node.args:
            yield from self._written_out(node.call, found, scope, self._body(node.body, scope))
        else:
            yield self._copied(node, scope)

    def _said(self, node: nodes.Expr, scope: Scope) -> Iterator[nodes.Node]:
        """What is written where an expression stands."""
        if isinstance(node, nodes.Call):
            if scope.in_component and isinstance(node.node, nodes.Name) and node.node.name == "caller":
                yield from scope.block or ()
                return
            if found := self._component(node, scope):
                yield from self._written_out(node, found, scope, None)
                return
        if isinstance(node, nodes.CondExpr) and self._calls_component(node, scope):
            other = [] if node.expr2 is None else [nodes.Output([node.expr2], lineno=node.lineno)]
            shown: list[nodes.Node] = [nodes.Output([node.expr1], lineno=node.lineno)]
            yield from self._choice(nodes.If(node.test, shown, [], other, lineno=node.lineno), scope)
            return
        yield nodes.Output([self._expression(node, scope)], lineno=node.lineno)

    def _choice(self, node: nodes.If, scope: Scope) -> Iterator[nodes.Node]:
        test = self._expression(node.test, scope)
        rest = node.else_
        if node.elif_:
            first, *others = node.elif_
            rest = [nodes.If(first.test, first.body, others, node.else_, lineno=first.lineno)]
        if isinstance(test, nodes.Const):
            yield from self._body(node.body if test.value else rest, scope)
        else:
            yield nodes.If(test, self._body(node.body, scope), [], self._body(rest, scope), lineno=node.lineno)

    def _component(self, call: nodes.Node, scope: Scope) -> tuple[Module, nodes.Macro] | None:
        """The component that a call names, where it can be written out."""
        if not isinstance(call, nodes.Call) or call.dyn_args is not None or call.dyn_kwargs is not None:
            return None
        named, found = call.node, None
        if isinstance(named, nodes.Name) and not (named.name in scope.given or named.name in self._constants):
            found = scope.components.get(named.name)
        elif isinstance(named, nodes.Getattr) and isinstance(named.node, nodes.Name):
            module = scope.modules.get(named.node.name)
            if module is not None and named.attr in module.macros:
                found = (module, module.macros[named.attr])
        return None if found is None or len(call.args) > len(found[1].args) else found

    def _calls_component(self, node: nodes.Expr, scope: Scope) -> bool:
        calls = [*node.find_all(nodes.Call), *([node] if isinstance(node, nodes.Call) else [])]
        return any(self._component(one, scope) for one in calls)

    def _written_out(
        self, call: nodes.Call, found: tuple[Module, nodes.Macro], scope: Scope, block: list[nodes.Node] | None
    ) -> Iterator[nodes.Node]:
        module, macro = found
        given: dict[str, nodes.Expr] = {}
        first: list[nodes.Node] = []
        for name, expression in _bound(macro, call):
            known = self._expression(expression, scope)
            if isinstance(known, nodes.Const | nodes.Name) and getattr(known, "name", "") != "loop":
                given[name] = known
                continue
            new = _new_name()
            given[name] = nodes.Name(new, "load", lineno=call.lineno)
            first += self._worked_out(new, expression, scope)
        for one in macro.find_all(nodes.Name):
            if one.ctx == "store":
                given.setdefault(one.name, nodes.Name(_new_name(), "load", lineno=call.lineno))
        inside = Scope(
            {**module.known.components, **{name: (module, one) for name, one in module.macros.items()}},
            module.known.modules,
            given,
            block,
            in_component=True,
        )
        body = self._body(macro.body, inside)
        yield from [nodes.With([], [], [*first, *body], lineno=call.lineno)] if first else body

    def _worked_out(self, name: str, expression: nodes.Expr, scope: Scope) -> Iterator[nodes.Node]:
        """What sets a name to what a parameter is given: a component's text, or a value."""
        target, line = nodes.Name(name, "store", lineno=expression.lineno), expression.lineno
        if self._component(expression, scope):
            yield nodes.AssignBlock(target, None, list(self._said(expression, scope)), lineno=line)
        elif isinstance(expression, nodes.CondExpr) and self._calls_component(expression, scope):
            other = [] if expression.expr2 is None else list(self._worked_out(name, expression.expr2, scope))
            test = self._expression(expression.test, scope)
            yield nodes.If(test, list(self._worked_out(name, expression.expr1, scope)), [], other, lineno=line)
        else:
            yield nodes.Assign(target, self._expression(expression, scope), lineno=line)

    def _copied(self, node: nodes.Node, scope: Scope) -> nodes.Node:
        """A statement of any other kind, with what is in it written out."""
        made = type(node)(lineno=node.lineno, environment=self._environment)
        for name, value in node.iter_fields():
            if isinstance(value, list) and all(isinstance(one, nodes.Stmt) for one in value):
                changed: Any = self._body(value, scope)
            elif isinstance(value, list):
                changed = [self._expression(one, scope) if isinstance(one, nodes.Node) else one for one in value]
            else:
                changed = self._expression(value, scope) if isinstance(value, nodes.Node) else value
            setattr(made, name, changed)
        return made

    def _expression(self, node: Any, scope: Scope) -> Any:
        if isinstance(node, nodes.Name) and node.name in scope.given:
            meant = scope.given[node.name]
            return nodes.Name(meant.name, node.ctx, lineno=node.lineno) if isinstance(meant, nodes.Name) else meant
        if isinstance(node, nodes.Test) and scope.in_component and _asks_for_caller(node):
            return nodes.Const(scope.block is not None, lineno=node.lineno)
        made = self._copied(node, scope)
        try:
            if isinstance(made, nodes.Call):
                return self._constant(made)
            if isinstance(made, nodes.Expr) and not isinstance(made, nodes.Name | nodes.Const | nodes.TemplateData):
                return nodes.Const.from_untrusted(made.as_const(self._context), lineno=node.lineno)
        except nodes.Impossible:
            pass
        return made

    def _constant(self, call: nodes.Call) -> nodes.Expr:
        """What a call of a known function of constants gives. A fault in it is left to whoever asks for the page."""
        function = self._constants.get(call.node.name) if isinstance(call.node, nodes.Name) else None
        if function is None or call.dyn_args is not None or call.dyn_kwargs is not None:
            return call
        args = [one.as_const(self._context) for one in call.args]
        named = {one.key: one.value.as_const(self._context) for one in call.kwargs}
        try:
            return nodes.Const.from_untrusted(function(*args, **named), lineno=call.lineno)
        except LookupError:
            return call


def _imports(scope: Scope, called: Set[str]) -> Iterator[nodes.Import]:
    """Imports of what is still called and came from the template that this one extends."""
    for name in sorted(scope.modules.keys() & called):
        yield nodes.Import(nodes.Const(scope.modules[name].template), name, True, lineno=1)


def _bound(macro: nodes.Macro, call: nodes.Call) -> Iterator[tuple[str, nodes.Expr]]:
    """Each parameter of a component with what a call gives it.

    Raises:
        TypeError: one is given nothing and has no default, or there is none of a name.
    """
    names = [one.name for one in macro.args]
    given = dict(zip(names, call.args, strict=False)) | {one.key: one.value for one in call.kwargs}
    given = dict(zip(reversed(names), reversed(macro.defaults), strict=False)) | given
    if set(given) != set(names):
        raise TypeError(f"{macro.name} takes {', '.join(names)}, not {', '.join(given)} (line {call.lineno})")
    return iter(given.items())


def _imported(node: nodes.Node) -> set[str]:
    if isinstance(node, nodes.Import):
        return {node.target}
    if isinstance(node, nodes.FromImport):
        return {name if isinstance(name, str) else name[1] for name in node.names}
    return set()


def _asks_for_caller(node: nodes.Test) -> bool:
    return node.name == "defined" and isinstance(node.node, nodes.Name) and node.node.name == "caller"


def _new_name() -> str:
    return f"_inlined_{next(_NAMES)}"
