"""Rewrites C++ so that every mutation is in it, and a number chosen at run time switches one of them on.

Each operand stays in the text once: `a < b` becomes `less(7, a, b)`, `a && b` becomes
`(bool(a) != on(7) ? bool(b) : on(7))`. What does not compile is left out in the next round (see tree.py).
"""
import hashlib
import re
from dataclasses import dataclass

from tokens import Tokens

NAMESPACE = "::chisme_mutation::"
NOT_EXPRESSIONS = {
    "using", "typedef", "struct", "class", "enum", "union", "template", "static_assert", "public", "private",
    "protected", "friend", "namespace", "extern", "goto", "asm", "concept",
}
SPECIFIERS = {"const", "static", "constexpr", "auto", "volatile", "thread_local", "inline", "unsigned", "signed"}
ASSIGNMENTS = {"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="}
# From the loosest to the tightest.
LEVELS = [("||",), ("&&",), ("|",), ("^",), ("&",), ("==", "!="), ("<", ">", "<=", ">="), ("<<",), ("+", "-"),
          ("*", "/", "%")]
SWAPPED = {"==": "!=", "!=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "+": "-", "-": "+", "&&": "||",
           "||": "&&"}
NAMES = {"==": "equal", "!=": "unequal", "<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal",
         "+": "plus", "-": "minus"}


@dataclass
class Mutant:
    key: str  # stays the same when lines move
    file: str
    line: int
    end_line: int
    function: str
    kind: str
    before: str
    after: str
    number: int = 0

    @property
    def where(self):
        return f"{self.file}:{self.line}"


class Mutator:
    """One file. `dropped` are the keys that are not to be made."""

    def __init__(self, path, text, dropped=frozenset(), first_number=0):
        self.path = path
        self.t = Tokens(text)
        self.dropped = dropped
        self.next_number = first_number
        self.mutants = []
        self.seen = {}
        self.function = ""
        self.returns_bool = [False]

    def run(self):
        return self.declarations(0, len(self.t)) + self.t.tail

    # -- making mutants ----------------------------------------------------------------------------------------------

    def make(self, kind, first, end, after, before=None):
        """The number of a new mutant, or None where it is not wanted."""
        before = before or self.t.plain(first, end)
        name = f"{self.path}|{self.function}|{kind}|{before}|{after}"
        self.seen[name] = self.seen.get(name, 0) + 1
        key = hashlib.sha1(f"{name}|{self.seen[name]}".encode()).hexdigest()[:10]
        # Numbers stay when some are dropped, so that other files need not be compiled again.
        self.next_number += 1
        if key in self.dropped:
            return None
        self.mutants.append(Mutant(key, self.path, self.t[first].line, self.t[end - 1].line, self.function, kind,
                                   before, after, self.next_number))
        return self.next_number

    @staticmethod
    def marked(number, text):
        return f"/*{number}<*/{text}/*>{number}*/"

    def on(self, number):
        return f"{NAMESPACE}on({number})"

    # -- declarations ------------------------------------------------------------------------------------------------

    def declarations(self, at, end):
        out, head = "", at
        t = self.t
        while at < end:
            text = t.text(at)
            if text == ";":
                out += self.declaration(head, at + 1)
                at = head = at + 1
            elif text == ":" and t.text(at - 1) in ("public", "private", "protected"):
                out += t.raw(head, at + 1)
                at = head = at + 1
            elif text in ("(", "["):
                at = t.match[at] + 1
            elif text == "<" and at in t.match:
                at = t.match[at] + 1
            elif text == "{":
                close = t.match[at]
                what = self.brace_of(head, at)
                if what == "scope":
                    out += t.raw(head, at + 1) + self.declarations(at + 1, close) + t.raw(close, close + 1)
                    head = close + 1
                elif what == "function":
                    out += self.function_body(head, at)
                    head = close + 1
                at = close + 1
            else:
                at += 1
        return out + t.raw(head, end)

    def brace_of(self, head, at):
        """What the brace at `at` opens: a scope with declarations, a function, or a value."""
        t = self.t
        top, i = [], head
        while i < at:
            top.append(t.text(i))
            i = t.match[i] + 1 if t.text(i) in ("(", "[", "{") or (t.text(i) == "<" and i in t.match) else i + 1
        if "enum" in top:
            return "value"
        if "(" not in top or (top[0] in ("namespace", "class", "struct", "union") and "(" not in top):
            return "scope" if any(x in top for x in ("namespace", "class", "struct", "union", "extern")) else "value"
        if "=" in top and "operator" not in top:
            return "value"
        after = top[top.index("(") + 1:]
        if ":" in after and t.kind(at - 1) == "word":
            return "value"
        return "function"

    def function_body(self, head, at):
        t = self.t
        i, name, returns_bool = head, "", False
        while t.text(i) != "(":
            if t.text(i) == "<" and i in t.match:
                i = t.match[i]
            elif t.text(i) == "[":
                i = t.match[i]
            elif t.text(i) == "bool":
                returns_bool = True
            i += 1
        first = i
        while t.kind(first - 1) == "word" or t.text(first - 1) in ("::", "~"):
            if t.text(first - 1) != "::" and t.text(first - 2) not in ("::", "~"):
                first -= 1
                break
            first -= 1
        name = t.plain(first, i)
        outer, self.function = self.function, name
        self.returns_bool.append(returns_bool)
        out = t.raw(head, at + 1) + self.statements(at + 1, t.match[at]) + t.raw(t.match[at], t.match[at] + 1)
        self.returns_bool.pop()
        self.function = outer
        return out

    def declaration(self, first, end):
        """Constants become variables, so that their value can be another one."""
        t = self.t
        words = [t.text(i) for i in range(first, end)]
        if "constexpr" not in words or "=" not in words or "(" in words[:words.index("=")]:
            return t.raw(first, end)
        equals, at = first + words.index("="), first + words.index("constexpr")
        values = [i for i in range(equals + 1, end) if t.kind(i) == "number"]
        if not values or t.text(equals + 1) == "{":
            return t.raw(first, end)
        value = values[0]
        outer, self.function = self.function, self.function or t.text(equals - 1)
        number = self.make("constant", value, value + 1, t.text(value) + " + 1", t.plain(equals - 1, end - 1))
        self.function = outer
        if number is None:
            return t.raw(first, end)
        changed = t[at].before + "const" + t.raw(at + 1, value) + t[value].before
        return t.raw(first, at) + self.marked(number, changed + f"({t.text(value)} + {NAMESPACE}on_start({number}))" +
                                              t.raw(value + 1, end))

    # -- statements --------------------------------------------------------------------------------------------------

    def statements(self, at, end):
        out = ""
        while at < end:
            text, at = self.statement(at)
            out += text
        return out

    def end_of(self, at, stop=";"):
        """The first `stop` at this depth."""
        t = self.t
        while t.text(at) != stop:
            at = t.match[at] + 1 if t.text(at) in ("(", "[", "{") else at + 1
        return at

    def statement(self, at):
        """The text of the statement at `at`, and where the next one begins."""
        t = self.t
        text = t.text(at)
        if text == "{":
            close = t.match[at]
            return t.raw(at, at + 1) + self.statements(at + 1, close) + t.raw(close, close + 1), close + 1
        if text == ";":
            return t.raw(at, at + 1), at + 1
        handler = getattr(self, "statement_" + text, None) if t.kind(at) == "word" else None
        if handler:
            return handler(at)
        if text in NOT_EXPRESSIONS:
            end = self.end_of(at) + 1
            return t.raw(at, end), end
        if t.text(at + 1) == ":" and t.kind(at) == "word":
            return t.raw(at, at + 2), at + 2
        end = self.end_of(at)
        if self.is_declaration(at, end):
            return self.local(at, end) + t.raw(end, end + 1), end + 1
        return self.expression_statement(at, end), end + 1

    def is_declaration(self, at, end):
        t = self.t
        if t.text(at) in SPECIFIERS:
            return True
        if t.kind(at) != "word" or t.text(at) in ("delete", "throw", "new"):
            return False
        while at < end:
            at += 1
            if t.text(at) == "<" and at in t.match:
                at = t.match[at] + 1
            if t.text(at) != "::":
                break
            at += 1
        while at < end and (t.text(at) == "const" or (t.text(at) in ("*", "&", "&&") and not t[at].spaced)):
            at += 1
        return at < end and t.kind(at) == "word"

    def local(self, at, end):
        """A local variable: what it begins with is an expression, the rest stays."""
        t = self.t
        i = at
        if "constexpr" in [t.text(k) for k in range(at, end)]:
            return self.declaration(at, end)
        while i < end and t.text(i) not in ("=", "(", "{"):
            i = t.match[i] + 1 if t.text(i) == "[" or (t.text(i) == "<" and i in t.match) else i + 1
        if i == end:
            return t.raw(at, end)
        if t.text(i) == "=":
            return t.raw(at, i + 1) + self.expression(i + 1, end)
        return t.raw(at, i) + self.expression(i, end)

    def expression_statement(self, at, end):
        t = self.t
        if t.text(at) in ("spdlog", "assert"):
            return t.raw(at, end + 1)
        number = self.make("statement left out", at, end, "")
        text = self.expression(at, end) + ";"
        if number is None:
            return text
        return self.marked(number, f"{{ if (!{self.on(number)}) {text} }}")

    def jump(self, at):
        number = self.make("statement left out", at, at + 1, "")
        if number is None:
            return self.t.raw(at, at + 2), at + 2
        return self.marked(number, f"{{ if (!{self.on(number)}) {self.t.raw(at, at + 2)} }}"), at + 2

    statement_break = statement_continue = jump

    def statement_return(self, at):
        t = self.t
        if t.text(at + 1) == ";":
            return self.jump(at)
        end = self.end_of(at)
        body = self.expression(at + 1, end)
        if self.returns_bool[-1] and t.text(at + 1) != "{" and self.loosest(at + 1, end) not in SWAPPED:
            number = self.make("condition negated", at + 1, end, f"!({t.plain(at + 1, end)})")
            if number is not None:
                body = " " + self.marked(number, f"({self.on(number)} != static_cast<bool>({body}))")
        return t.raw(at, at + 1) + body + ";", end + 1

    def statement_if(self, at):
        t = self.t
        constant = t.text(at + 1) == "constexpr"
        opening = at + 2 if constant else at + 1
        close = t.match[opening]
        head = t.raw(at, opening + 1)
        if constant:
            head += t.raw(opening + 1, close)
        else:
            head += self.if_condition(opening + 1, close)
        body, then = self.statement(close + 1)
        out = head + t.raw(close, close + 1) + body
        if t.text(then) == "else":
            other, after = self.statement(then + 1)
            return out + t.raw(then, then + 1) + other, after
        return out, then

    def if_condition(self, first, end):
        t = self.t
        out = ""
        at = first
        while at < end and t.text(at) != ";":
            at = t.match[at] + 1 if t.text(at) in ("(", "[", "{") else at + 1
        if at < end:
            out = (self.local(first, at) if self.is_declaration(first, at) else self.expression(first, at)) + ";"
            first = at + 1
        if not self.is_declaration(first, end):
            return out + self.condition(first, end)
        # `if (auto x = f())` is `if (auto x = f(); x)`.
        equals = first
        while equals < end and t.text(equals) != "=":
            equals = t.match[equals] + 1 if t.text(equals) == "[" else equals + 1
        if equals == end or t.kind(equals - 1) != "word":
            return out + t.raw(first, end)
        name = t.text(equals - 1)
        choice = self.switched(first, end, name, True)
        return out + self.local(first, end) + ("; " + choice if choice != name else "")

    def condition(self, first, end, loops=False):
        plain = self.t.plain(first, end)
        text = self.expression(first, end)
        # `!ok` guards the way of an error: never taken is the interesting case.
        return self.switched(first, end, text, not loops and not re.fullmatch(r"!\*?\w+", plain))

    def switched(self, first, end, text, both):
        plain = self.t.plain(first, end)
        never = self.make("condition false", first, end, "false", plain)
        always = self.make("condition true", first, end, "true", plain) if both else None
        if never is not None or always is not None:
            text = f"static_cast<bool>({text})"
        if never is not None:
            text = self.marked(never, f"(!{self.on(never)} && {text})")
        if always is not None:
            text = self.marked(always, f"({self.on(always)} || {text})")
        return text

    def statement_while(self, at):
        t = self.t
        close = t.match[at + 1]
        inner = t.raw(at + 2, close) if self.is_declaration(at + 2, close) else self.condition(at + 2, close, True)
        body, then = self.statement(close + 1)
        return t.raw(at, at + 2) + inner + t.raw(close, close + 1) + body, then

    def statement_do(self, at):
        t = self.t
        body, then = self.statement(at + 1)
        close = t.match[then + 1]
        inner = self.condition(then + 2, close, True)
        return t.raw(at, at + 1) + body + t.raw(then, then + 2) + inner + t.raw(close, close + 2), close + 2

    def statement_for(self, at):
        t = self.t
        close = t.match[at + 1]
        cuts, i = [], at + 2
        while i < close:
            if t.text(i) == ";":
                cuts.append(i)
            i = t.match[i] + 1 if t.text(i) in ("(", "[", "{") else i + 1
        if len(cuts) == 2:
            start = self.local(at + 2, cuts[0]) if self.is_declaration(at + 2, cuts[0]) else t.raw(at + 2, cuts[0])
            inner = (start + ";" + self.expression(cuts[0] + 1, cuts[1]) + ";" +
                     self.expression(cuts[1] + 1, close))
        else:
            inner = t.raw(at + 2, close)
        body, then = self.statement(close + 1)
        return t.raw(at, at + 2) + inner + t.raw(close, close + 1) + body, then

    def statement_switch(self, at):
        t = self.t
        close = t.match[at + 1]
        body, then = self.statement(close + 1)
        return t.raw(at, at + 2) + self.expression(at + 2, close) + t.raw(close, close + 1) + body, then

    def statement_case(self, at):
        end = self.end_of(at, ":")
        return self.t.raw(at, end + 1), end + 1

    statement_default = statement_case

    def statement_try(self, at):
        body, then = self.statement(at + 1)
        return self.t.raw(at, at + 1) + body, then

    def statement_catch(self, at):
        close = self.t.match[at + 1]
        body, then = self.statement(close + 1)
        return self.t.raw(at, close + 1) + body, then

    def statement_else(self, at):
        raise ValueError(f"{self.path}:{self.t[at].line}: else without if")

    # -- expressions -------------------------------------------------------------------------------------------------

    def at_depth(self, first, end):
        t = self.t
        i = first
        while i < end:
            yield i
            bracket = t.text(i) in ("(", "[", "{") or (t.text(i) == "<" and i in t.match)
            i = t.match[i] + 1 if bracket and t.kind(i) == "punctuation" else i + 1

    def operator_at(self, first, end):
        """The loosest operator at this depth: (index, level), the last one of its level."""
        t = self.t
        places = [i for i in self.at_depth(first, end) if t.kind(i) == "punctuation" and i > first]
        for operators in LEVELS:
            found = [i for i in places if t.text(i) in operators and t.is_binary(i) and i not in t.match]
            if found:
                return found[-1]
        return None

    def loosest(self, first, end):
        if any(self.t.text(i) == "?" for i in self.at_depth(first, end)):
            return "?"
        at = self.operator_at(first, end)
        return self.t.text(at) if at is not None else ""

    def expression(self, first, end):
        t = self.t
        if first >= end:
            return ""
        places = list(self.at_depth(first, end))
        commas = [i for i in places if t.text(i) == ","]
        if commas:
            parts, start = [], first
            for c in commas + [end]:
                parts.append(self.expression(start, c))
                start = c + 1
            return ",".join(parts)
        for i in places:
            if t.text(i) in ASSIGNMENTS and t.kind(i) == "punctuation" and t.is_binary(i):
                return self.primary(first, i) + t.raw(i, i + 1) + self.expression(i + 1, end)
        for i in places:
            if t.text(i) == "?":
                return self.ternary(first, i, end)
        # A message: nobody tests its words.
        if any(t.kind(i) == "string" for i in places) and any(t.text(i) == "+" for i in places):
            return t.raw(first, end)
        at = self.operator_at(first, end)
        return self.primary(first, end) if at is None else self.binary(first, at, end)

    def ternary(self, first, question, end):
        t = self.t
        depth, colon = 0, question + 1
        for i in self.at_depth(question + 1, end):
            if t.text(i) == "?":
                depth += 1
            elif t.text(i) == ":":
                if depth == 0:
                    colon = i
                    break
                depth -= 1
        return (self.condition(first, question) + t.raw(question, question + 1) +
                self.expression(question + 1, colon) + t.raw(colon, colon + 1) + self.expression(colon + 1, end))

    def binary(self, first, at, end):
        t = self.t
        op = t.text(at)
        number = None
        if op in SWAPPED:
            other = SWAPPED[op]
            number = self.make(f"{op} is {other}", first, end,
                               f"{t.plain(first, at)} {other} {t.plain(at + 1, end)}")
        left, right = self.expression(first, at), self.expression(at + 1, end)
        if number is None:
            return left + t.raw(at, at + 1) + right
        on = self.on(number)
        if op == "&&":
            text = f"((static_cast<bool>({left}) != {on}) ? static_cast<bool>({right}) : {on})"
        elif op == "||":
            text = f"((static_cast<bool>({left}) == {on}) ? static_cast<bool>({right}) : !{on})"
        else:
            text = f"{NAMESPACE}{NAMES[op]}({number}, {left}, {right})"
        return t[first].before + self.marked(number, text)

    def primary(self, first, end):
        t = self.t
        out, i = "", first
        while i < end:
            text = t.text(i)
            if text == "[" and self.begins_lambda(i):
                piece, i = self.lambda_expression(i)
                out += piece
            elif text in ("(", "[", "{"):
                close = t.match[i]
                out += t.raw(i, i + 1) + self.expression(i + 1, close) + t.raw(close, close + 1)
                i = close + 1
            elif text == "<" and i in t.match:
                out += t.raw(i, t.match[i] + 1)
                i = t.match[i] + 1
            elif t.kind(i) == "number":
                out += self.number(i)
                i += 1
            elif text == "std" and t.text(i + 1) == "::" and t.text(i + 2) in ("min", "max"):
                piece, i = self.min_max(i)
                out += piece
            else:
                out += t.raw(i, i + 1)
                i += 1
        return out

    def begins_lambda(self, i):
        t = self.t
        before = t.text(i - 1)
        if t.kind(i - 1) in ("word", "string") and before not in ("return", "co_return"):
            return False
        return before not in (")", "]", "}", ">")

    def lambda_expression(self, i):
        t = self.t
        body = t.match[i] + 1
        while t.text(body) != "{":
            body = t.match[body] + 1 if t.text(body) in ("(", "[") else body + 1
        close = t.match[body]
        self.returns_bool.append("bool" in [t.text(k) for k in range(t.match[i], body) if t.text(k - 1) == "->"])
        text = t.raw(i, body + 1) + self.statements(body + 1, close) + t.raw(close, close + 1)
        self.returns_bool.pop()
        return text, close + 1

    def number(self, i):
        t = self.t
        value = t.text(i)
        number = self.make("number", i, i + 1, value + " + 1", self.around(i))
        if number is None:
            return t.raw(i, i + 1)
        return t[i].before + self.marked(number, f"({value} + {self.on(number)})")

    def around(self, i):
        """The number and what stands beside it."""
        first = end = i
        while first > 0 and i - first < 6 and self.t.text(first - 1) not in (";", "{", "}") and \
                self.t[first - 1].line == self.t[i].line:
            first -= 1
        while end - i < 3 and end + 1 < len(self.t) and self.t.text(end) not in (";", "{", "}", ")"):
            end += 1
        return self.t.plain(first, end + 1)

    def min_max(self, i):
        """std::min(...) as one that takes the number first."""
        t = self.t
        name = t.text(i + 2)
        opening = i + 3
        if t.text(opening) == "<" and opening in t.match:
            opening = t.match[opening] + 1
        if t.text(opening) != "(":
            return t.raw(i, i + 3), i + 3
        close = t.match[opening]
        other = "max" if name == "min" else "min"
        number = self.make(f"{name} is {other}", i, close + 1,
                           t.plain(i, close + 1).replace("std::" + name, "std::" + other, 1))
        arguments = self.expression(opening + 1, close)
        if number is None:
            return t.raw(i, opening + 1) + arguments + t.raw(close, close + 1), close + 1
        text = f"{NAMESPACE}{name}{t.raw(i + 3, opening)}({number}, {arguments})"
        return t[i].before + self.marked(number, text), close + 1


# What tells most of a line comes first: whether it is needed at all, whether its condition decides anything.
PREFERRED = ["statement left out", "condition false", "condition true", "condition negated"]
LEAST = "number"
PER_LINE = 2


def rank(mutant):
    if mutant.kind in PREFERRED:
        return PREFERRED.index(mutant.kind)
    return len(PREFERRED) + (mutant.kind == LEAST)


def chosen_of_lines(mutants):
    """At most two of each line: two that ask whether it is noticed at all, or else one operator or number. Constants
    are left alone: many are part of others, and each that is costs another round of the build."""
    lines = {}
    for m in sorted((m for m in mutants if m.kind != "constant"), key=lambda m: (rank(m), m.number)):
        of_line = lines.setdefault(m.line, [])
        if not of_line or (len(of_line) < PER_LINE and m.kind in PREFERRED):
            of_line.append(m)
    return {m.key for of_line in lines.values() for m in of_line}


def mutate(path, text, dropped=frozenset(), first_number=0, every=True):
    """(the text with its mutations in it, the mutants, the last number that was used)"""
    m = Mutator(path, text, dropped, first_number)
    out = m.run()
    if not every:
        chosen = chosen_of_lines(m.mutants)
        m = Mutator(path, text, dropped | {x.key for x in m.mutants if x.key not in chosen}, first_number)
        out = m.run()
    return out, m.mutants, m.next_number
