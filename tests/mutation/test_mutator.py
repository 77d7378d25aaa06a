#!/usr/bin/env python3
"""What the rewriting does to small pieces of C++."""
import re
import unittest

from mutator import mutate


def kinds(body):
    _, mutants, _ = mutate("x.cpp", f"void f() {{ {body} }}")
    return [(m.kind, m.before, m.after) for m in mutants]


def rewritten(body):
    out, *_ = mutate("x.cpp", f"void f() {{ {body} }}")
    return re.sub(r"/\*\W?\d+\W?\*/", "", out).replace("::chisme_mutation::", "")


def chosen(text):
    _, mutants, _ = mutate("x.cpp", text, every=False)
    return [(m.line, m.kind, m.before) for m in mutants]


class MutatorTest(unittest.TestCase):
    def test_of_each_line_the_changes_that_tell_most(self):
        self.assertEqual(chosen("void f() {\n if (a && b < 3)\n  g(x + 1);\n y = x < 2;\n return;\n}\n"),
                         [(2, "condition false", "a && b < 3"), (2, "condition true", "a && b < 3"),
                          (3, "statement left out", "g(x + 1)"), (4, "statement left out", "y = x < 2"),
                          (5, "statement left out", "return")])
        self.assertEqual(chosen("int f() {\n return x + 1;\n}\n"), [(2, "+ is -", "x + 1")])

    def test_the_next_one_is_chosen_where_one_is_dropped(self):
        text = "int f() {\n return x + 1;\n}\n"
        _, mutants, last = mutate("x.cpp", text, every=False)
        _, others, same_last = mutate("x.cpp", text, {mutants[0].key}, every=False)
        self.assertEqual(([m.kind for m in others], same_last), (["number"], last))

    def test_nothing_changes_where_all_is_dropped(self):
        text = "namespace a {\nint f(int x) { // why\n  if (auto y = g(x); !y && x < 3)\n    h(x ? 1 : 2);\n  return x;\n}\n}\n"
        _, mutants, _ = mutate("x.cpp", text)
        self.assertGreater(len(mutants), 4)
        self.assertEqual(mutate("x.cpp", text, {m.key for m in mutants})[:2], (text, []))

    def test_an_error_that_is_ignored_is_a_condition_that_is_never_true(self):
        self.assertIn(("condition false", "!ok", "false"), kinds("if (auto ok = g(); !ok) return;"))
        self.assertNotIn(("condition true", "!ok", "true"), kinds("if (auto ok = g(); !ok) return;"))

    def test_a_condition_that_declares_a_variable(self):
        self.assertIn("if (auto x = g(); (on(2) || (!on(1) && static_cast<bool>(x))))", rewritten("if (auto x = g()) {}"))

    def test_each_operand_stays_once(self):
        self.assertIn("((static_cast<bool>( a) != on(2)) ? static_cast<bool>( b) : on(2))", rewritten("x = a && b;"))

    def test_templates_and_references_are_no_operators(self):
        self.assertEqual(kinds("std::vector<int> v; auto&& r = v;"), [])

    def test_declarations_stay(self):
        self.assertEqual(kinds("const a::b<c>& d = e; f* g = h; i j{k}; l m(n);"), [])

    def test_a_statement_is_left_out_with_its_braces(self):
        self.assertRegex(rewritten("if (a) g(); else h();"), r"\) *\{ if \(!on\(\d\)\) +g\(\); \} else *\{ if")
        self.assertIn(("statement left out", "g()", ""), kinds("if (a) g(); else h();"))

    def test_bodies_of_lambdas_are_mutated(self):
        self.assertIn(("statement left out", "++n", ""), kinds("auto l = [&](int x) { ++n; };"))

    def test_messages_are_left_alone(self):
        self.assertEqual(kinds('return fail("a" + std::to_string(x - 1));'), [])

    def test_constants_become_variables(self):
        out, mutants, _ = mutate("x.cpp", "constexpr int most = 4;\n")
        self.assertEqual(len(mutants), 1)
        self.assertIn("const int most = (4 + ", out)

    def test_members_with_braces_in_a_constructor(self):
        out, mutants, _ = mutate("x.cpp", "a::a(int x) : b_{x}, c_(x) { go(); }\n")
        self.assertEqual([m.before for m in mutants], ["go()"])
        self.assertEqual(mutants[0].function, "a::a")

    def test_keys_stay_when_lines_move(self):
        key = lambda text: mutate("x.cpp", text)[1][0].key
        self.assertEqual(key("void f() { g(); }"), key("\n\nvoid f() {\n g(); }"))


if __name__ == "__main__":
    unittest.main()
