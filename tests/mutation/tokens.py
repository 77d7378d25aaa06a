"""C++ text as tokens, with the brackets matched: as much of the language as clang-format's output needs."""
import re
from dataclasses import dataclass

_PATTERN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<comment>//[^\n]*|/\*.*?\*/)
  | (?P<directive>(?<![^\n])[ \t]*\#(?:[^\n\\]|\\.|\\\n)*)
  | (?P<string>(?:u8|[uUL])?R"(?P<delimiter>[^()\\\s]*)\(.*?\)(?P=delimiter)"|(?:u8|[uUL])?"(?:[^"\\]|\\.)*"(?:sv|s)?)
  | (?P<char>(?:u8|[uUL])?'(?:[^'\\]|\\.)*')
  | (?P<number>\.?\d(?:[eEpP][+-]|'[\w]|[\w.])*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<punctuation><=>|->\*|<<=|>>=|\.\.\.|::|->|\+\+|--|&&|\|\||==|!=|<=|>=|\+=|-=|\*=|/=|%=|&=|\|=|\^=|<<|.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass
class Token:
    kind: str  # word, number, string, char, punctuation
    text: str
    before: str  # white space, comments and directives in front of it
    line: int

    @property
    def spaced(self):
        return self.before != ""


class Tokens:
    """The tokens of a file. `match[i]` is the partner of the bracket at `i`, in both directions."""

    def __init__(self, text):
        self.tokens = []
        self.tail = ""
        before, line = "", 1
        for m in _PATTERN.finditer(text):
            kind, piece = m.lastgroup, m.group()
            if kind == "delimiter":
                kind = "string"
            if kind in ("space", "comment", "directive"):
                before += piece
            else:
                self.tokens.append(Token(kind, piece, before, line))
                before = ""
            line += piece.count("\n")
        self.tail = before
        self.match = {}
        self._match_brackets()
        self._match_angles()

    def __len__(self):
        return len(self.tokens)

    def __getitem__(self, i):
        return self.tokens[i]

    def text(self, i):
        return self.tokens[i].text if 0 <= i < len(self.tokens) else ""

    def kind(self, i):
        return self.tokens[i].kind if 0 <= i < len(self.tokens) else ""

    def raw(self, first, end):
        return "".join(t.before + t.text for t in self.tokens[first:end])

    def plain(self, first, end):
        """In one line, without comments: for people."""
        out = ""
        for t in self.tokens[first:end]:
            out += (" " if t.before and out else "") + t.text
        return out

    def is_binary(self, i):
        """An operator with two operands has white space on both sides; a template's bracket and a reference don't."""
        return self.tokens[i].spaced and i + 1 < len(self.tokens) and self.tokens[i + 1].spaced

    def _match_brackets(self):
        stack = []
        closing = {")": "(", "]": "[", "}": "{"}
        for i, t in enumerate(self.tokens):
            if t.kind != "punctuation":
                continue
            if t.text in "([{":
                stack.append(i)
            elif t.text in closing:
                if not stack or self.tokens[stack[-1]].text != closing[t.text]:
                    raise ValueError(f"line {t.line}: unbalanced {t.text}")
                self.match[i] = stack[-1]
                self.match[stack.pop()] = i
        if stack:
            raise ValueError(f"line {self.tokens[stack[-1]].line}: unbalanced {self.tokens[stack[-1]].text}")

    def _match_angles(self):
        for i, t in enumerate(self.tokens):
            if t.text != "<" or t.kind != "punctuation":
                continue
            if self.kind(i - 1) != "word" or (t.spaced and self.text(i - 1) != "template"):
                continue
            depth, at = 1, i + 1
            while at < len(self.tokens) and depth > 0:
                x = self.tokens[at].text
                if x in ("(", "[", "{"):
                    at = self.match[at]
                elif x in (";", ")", "]", "}"):
                    break
                elif x == "<":
                    depth += 1
                elif x == ">":
                    depth -= 1
                at += 1
            if depth == 0:
                self.match[i] = at - 1
                self.match[at - 1] = i
