"""The grammar of model formulas: text in, terms out, nothing evaluated.

A formula is a sum of terms, `~ year + disorder * log(dose) - 1`. A term is one variable or several joined by `:`;
`a * b` stands for `a + b + a:b`. Inside a known function (`log(x + 1)`, `I(x^2)`) stands ordinary arithmetic. The words
are few on purpose: what is not listed here is an error that points at its position.
"""

import re

from .formula_tokens import Expression, Formula, FormulaError, Token, Variable, formula_error, nearest, tokens

FUNCTIONS = ("log", "log2", "log10", "log1p", "sqrt", "exp", "abs", "scale", "center", "I")
FACTOR_WORDS = ("C", "factor")


def parse(text: str, *, intercept: bool = True) -> Formula:
    """Parse a formula; `intercept=False` takes the intercept away whatever the text says.

    Raises
    ------
    FormulaError
        If the text is not of the grammar above.

    Example
    -------
    >>> [":".join(v.label for v in term) for term in parse("~ a * log(b) - 1").terms]
    ['a', 'log(b)', 'a:log(b)']
    """
    parser = _Parser(text)
    terms, has_intercept = parser.formula()
    if not terms and not has_intercept:
        raise parser.fail("No term is left. Keep the intercept (~ 1) or name a moderator.")
    return Formula(text, has_intercept and intercept, tuple(sorted(terms, key=len)))


class _Parser:
    """Recursive descent over the tokens; each method reads one rule of the grammar."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.index = 0
        self.columns: dict[str, Variable] = {}

    @property
    def here(self) -> Token:
        return self.tokens[self.index]

    def fail(self, problem: str, at: Token | None = None) -> FormulaError:
        return formula_error(self.text, at or self.here, problem)

    def take(self, *ops: str) -> Token | None:
        """The next token if it is one of these operators."""
        token = self.here
        if token.kind == "op" and token.text in ops:
            self.index += 1
            return token
        return None

    def expect(self, op: str) -> Token:
        token = self.take(op)
        if token is None:
            raise self.fail(f"Expected {op!r}, found {self.here.text!r}.")
        return token

    def formula(self) -> tuple[list, bool]:
        if any(t.text == "~" and t.kind == "op" for t in self.tokens[1:]) and self.here.text != "~":
            raise self.fail("Nothing may stand left of '~' here: the outcome is given as yi. Write '~ moderators'.")
        self.take("~")
        terms, intercept = self.sum(top=True)
        if self.here.kind != "end":
            raise self.fail(f"Did not expect {self.here.text!r} here. Join terms with +, : or *.")
        return terms, intercept

    def sum(self, *, top: bool) -> tuple[list, bool]:
        """Terms joined by +; at the top also the numbers that say whether there is an intercept."""
        terms: list[tuple[Variable, ...]] = []
        intercept = True
        minus = self.take("+", "-")
        while True:
            if self.here.kind == "number":
                intercept = self.intercept(removed=minus is not None and minus.text == "-", top=top)
            elif minus is not None and minus.text == "-":
                raise self.fail("Only the intercept can be taken away (- 1). Leave the term out instead.", minus)
            else:
                terms = _union(terms, self.crossing())
            minus = self.take("+", "-")
            if minus is None:
                return terms, intercept

    def intercept(self, *, removed: bool, top: bool) -> bool:
        token = self.here
        if token.text not in ("0", "1") or not top or (removed and token.text == "0"):
            raise self.fail("The only numbers allowed are 1 (intercept), 0 and - 1 (no intercept).")
        self.index += 1
        return token.text == "1" and not removed

    def crossing(self) -> list:
        """`a * b`: both and their interaction."""
        terms = self.interaction()
        while self.take("*"):
            right = self.interaction()
            terms = _union(_union(terms, right), _interact(terms, right))
        return terms

    def interaction(self) -> list:
        terms = self.unit()
        while self.take(":"):
            terms = _interact(terms, self.unit())
        return terms

    def unit(self) -> list:
        """A name, a function of names, a power of a name, or a sum in brackets."""
        if self.take("("):
            terms, _ = self.sum(top=False)
            self.expect(")")
            if self.here.text in ("^", "**"):
                raise self.fail(
                    "A power of a sum of terms is not supported. Write the interactions out with ':' or '*'."
                )
            return terms
        token = self.here
        if token.kind != "name":
            raise self.fail(f"Expected a column name, found {token.text!r}.")
        self.index += 1
        if self.here.text == "(" and self.here.kind == "op":
            return [(self.factor(token) if token.text in FACTOR_WORDS else self.function(token),)]
        if self.here.text == "/":
            raise self.fail(f"'/' stands only inside I(…). For nested terms write {token.text} + {token.text}:other.")
        if power := self.take("^", "**"):
            exponent = self.signed_number(power)
            base = Expression("name", at=token)
            powered = Expression("^", (base, Expression("number", value=exponent)))
            return [(Variable(f"I({token.text}^{exponent:g})", token, powered),)]
        return [(self.column(Variable(token.text, token)),)]

    def column(self, variable: Variable) -> Variable:
        """A column enters a formula in one way: as it is, or as one C(...)."""
        first = self.columns.setdefault(variable.label, variable)
        if (first.is_factor, first.reference) != (variable.is_factor, variable.reference):
            problem = f"{variable.label!r} is written in two ways, with and without C(...) or its ref. Use one of them."
            raise self.fail(problem, variable.at)
        return variable

    def signed_number(self, after: Token) -> float:
        sign = -1.0 if self.take("-") else 1.0
        if self.here.kind != "number":
            raise self.fail(f"Expected a number after {after.text!r}, found {self.here.text!r}.")
        self.index += 1
        return sign * float(self.tokens[self.index - 1].text)

    def factor(self, word: Token) -> Variable:
        """`C(name)` or `C(name, ref="level")`."""
        self.expect("(")
        column = self.here
        if column.kind != "name":
            raise self.fail(f"Expected a column name in {word.text}(…), found {column.text!r}.")
        self.index += 1
        reference = None
        if self.take(","):
            if self.here.text != "ref":
                raise self.fail(f'The only option of {word.text}(…) is ref="level".')
            self.index += 1
            self.expect("=")
            level = self.here
            if level.kind not in ("string", "number", "name"):
                raise self.fail(f"Expected a level after ref=, found {level.text!r}.")
            self.index += 1
            reference = level.text
        self.expect(")")
        return self.column(Variable(column.text, column, None, True, reference))

    def function(self, word: Token) -> Variable:
        if word.text not in FUNCTIONS:
            raise self.fail(f"Unknown function {word.text!r}. {nearest(word.text, (*FUNCTIONS, *FACTOR_WORDS))}", word)
        self.expect("(")
        inner = self.arithmetic()
        close = self.expect(")")
        label = re.sub(r"\s+", "", self.text[word.start : close.stop]).replace("**", "^")
        return Variable(label, word, Expression(word.text, (inner,), at=word))

    def arithmetic(self) -> Expression:
        left = self.product()
        while token := self.take("+", "-"):
            left = Expression(token.text, (left, self.product()))
        return left

    def product(self) -> Expression:
        left = self.signed()
        while token := self.take("*", "/"):
            left = Expression(token.text, (left, self.signed()))
        return left

    def signed(self) -> Expression:
        if self.take("-"):
            return Expression("neg", (self.signed(),))
        base = self.operand()
        if self.take("^", "**"):
            return Expression("^", (base, self.signed()))
        return base

    def operand(self) -> Expression:
        token = self.here
        if self.take("("):
            inner = self.arithmetic()
            self.expect(")")
            return inner
        if token.kind == "number":
            self.index += 1
            return Expression("number", value=float(token.text))
        if token.kind != "name":
            raise self.fail(f"Expected a column name or a number, found {token.text!r}.")
        self.index += 1
        if self.here.text == "(" and self.here.kind == "op":
            return self.function(token).expression
        return Expression("name", at=token)


def _key(term: tuple[Variable, ...]) -> frozenset[str]:
    """What makes two terms the same: their variables, in any order."""
    return frozenset(variable.label for variable in term)


def _union(left: list, right: list) -> list:
    """Both lists of terms, each term once."""
    seen = {_key(term) for term in left}
    return left + [term for term in right if _key(term) not in seen]


def _interact(left: list, right: list) -> list:
    """Every term of the left with every term of the right."""
    joined = []
    for a in left:
        for b in right:
            names = _key(a)
            joined.append(a + tuple(variable for variable in b if variable.label not in names))
    return _union([], joined)
