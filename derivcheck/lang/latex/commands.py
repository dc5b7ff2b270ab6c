"""Owns the tables of LaTeX commands: what each is to the reader; a command that stands in none is refused."""

from __future__ import annotations

from typing import Literal

#: Greek letters: the command, and the letter itself where Unicode has one that is typed.
GREEK: dict[str, str] = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "vartheta": "ϑ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν",
    "xi": "ξ", "pi": "π", "varpi": "ϖ", "rho": "ρ", "varrho": "ϱ", "sigma": "σ", "varsigma": "ς", "tau": "τ",
    "upsilon": "υ", "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
    "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ",
    "Omega": "Ω",
}  # fmt: skip
GREEK_LETTERS: dict[str, str] = {letter: command for command, letter in GREEK.items()}
#: Letters that are no Greek ones.
LETTERS = frozenset({"ell", "imath", "jmath", "hbar"})

ACCENTS: dict[str, str] = {
    **{name: name for name in ("hat", "bar", "tilde", "dot", "ddot", "vec", "check", "breve")},
    "widehat": "hat", "widetilde": "tilde", "overline": "bar",
}  # fmt: skip
#: Typefaces: the one spelling of each. In the plain ones a letter is the letter unless it is declared otherwise.
FONTS: dict[str, str] = {
    "mathbf": "mathbf", "boldsymbol": "mathbf", "bm": "mathbf", "mathbfit": "mathbf", "mathit": "mathit",
    "mathsf": "mathsf", "mathnormal": "mathit", "mathcal": "mathcal", "mathscr": "mathcal", "mathbb": "mathbb",
    "mathfrak": "mathfrak", "mathbbm": "mathbb", "mathds": "mathbb",
}  # fmt: skip
PLAIN_FONTS = frozenset({"mathbf", "mathit", "mathsf"})
#: Commands whose argument is one word in upright letters; spaces in it do not show.
WORDS = frozenset({"mathrm", "operatorname", "mathtt"})
#: Commands whose argument is text, in which spaces show.
TEXTS = frozenset({"text", "textrm", "textbf", "textit", "textsf", "texttt", "mbox", "textnormal", "hbox"})
#: Commands with an argument that is no part of the formula.
ASIDES = frozenset({"tag", "label", "notag", "nonumber", "checkmark", "qed", "blacksquare"})
ASIDES_WITH_ARGUMENT = frozenset({"tag", "label"})

#: Spaces and typography that carry no meaning.
IGNORED = frozenset(
    [
        ",",
        ";",
        ":",
        "!",
        ">",
        "displaystyle",
        "textstyle",
        "scriptstyle",
        "scriptscriptstyle",
        "limits",
        "nolimits",
        "thinspace",
        "medspace",
        "thickspace",
        "negthinspace",
        "big",
        "Big",
        "bigg",
        "Bigg",
        "bigl",
        "Bigl",
        "biggl",
        "Biggl",
        "bigr",
        "Bigr",
        "biggr",
        "Biggr",
        "bigm",
        "Bigm",
        "mathstrut",
        "strut",
        "nobreak",
        "allowbreak",
        "hfill",
        "noindent",
    ]
)
#: Wide spaces: they part one formula from the next, and the entries of a row of numbers.
WIDE = frozenset({"quad", "qquad"})

OPERATORS: dict[str, str] = {
    "cdot": "·", "times": "×", "odot": "⊙", "circ": "⊙", "div": "/", "ast": "∗", "bullet": "∙",
}  # fmt: skip
RELATIONS: dict[str, str] = {
    "approx": "≈", "thickapprox": "≈", "equiv": "==", "triangleq": "==", "coloneqq": ":=", "leftarrow": ":=",
    "gets": ":=", "le": "<=", "leq": "<=", "leqslant": "<=", "ge": ">=", "geq": ">=", "geqslant": ">=", "lt": "<",
    "gt": ">", "ne": "!=", "neq": "!=",
}  # fmt: skip
#: Signs as typed, by the sign they are.
SIGNS: dict[str, str] = {
    "+": "+", "-": "-", "−": "-", "/": "/", "·": "·", "⋅": "·", "*": "·", "∗": "·", "×": "×", "⊙": "⊙", "∘": "⊙",
    "=": "==", "<": "<", ">": ">", "≈": "≈", "≤": "<=", "≥": ">=", "≠": "!=",
}  # fmt: skip
#: Signs as typed that are those of commands.
TYPED_COMMANDS: dict[str, str] = {
    "∂": "partial", "∇": "nabla", "∑": "sum", "∏": "prod", "⇒": "Rightarrow", "≡": "equiv",
}  # fmt: skip
PRODUCT_SIGNS = frozenset("·×⊙/")
COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
#: What joins two statements on one line, and what it says.
ARROWS: dict[str, str] = {
    "Rightarrow": "therefore", "implies": "therefore", "Longrightarrow": "therefore", "therefore": "therefore",
    "because": "because", "iff": "that is", "Leftrightarrow": "that is", "Longleftrightarrow": "that is",
}  # fmt: skip

#: Named operators that may stand before their argument without parentheses.
FUNCTIONS: dict[str, str] = {
    **{
        name: name
        for name in [
            "exp",
            "log",
            "ln",
            "sin",
            "cos",
            "tan",
            "sec",
            "csc",
            "cot",
            "sinh",
            "cosh",
            "tanh",
            "coth",
            "arcsin",
            "arccos",
            "arctan",
            "max",
            "min",
            "det",
        ]
    },
    "lg": "log10",
}
#: Words that name a function of the language; letters in any case.
NAMED: dict[str, str] = {
    "tr": "trace",
    "sgn": "sign",
    "sigm": "sigmoid",
    "leakyrelu": "leaky_relu",
    "logsoftmax": "log_softmax",
    **{f"np.{name}": name for name in ["sum", "mean", "exp", "log", "sqrt", "dot", "outer", "prod", "abs", "sign"]},
    **{f"np.{name}": other for name, other in (("maximum", "max"), ("minimum", "min"))},
}
BIG: dict[str, str] = {"sum": "sum", "prod": "prod"}
INDICATORS = frozenset({r"\mathbb{1}", r"\mathbf{1}", r"\mathbb{I}"})
#: What is an identity matrix or a column of ones, if it is not declared as something else.
FITTED: dict[str, Literal["eye", "ones"]] = {
    "I": "eye", r"\mathbf{I}": "eye", r"\mathbb{I}": "eye", r"\mathbf{1}": "ones", r"\mathbb{1}": "ones",
    r"\vec{1}": "ones",
}  # fmt: skip

OPENERS: dict[str, str] = {
    "(": "(", "[": "[", r"\{": "{", r"\lbrace": "{", r"\lbrack": "[", r"\lVert": "‖", r"\lvert": "|",
    r"\langle": "⟨", "⟨": "⟨",
}  # fmt: skip
CLOSERS: dict[str, str] = {
    ")": "(", "]": "[", r"\}": "{", r"\rbrace": "{", r"\rbrack": "[", r"\rVert": "‖", r"\rvert": "|",
    r"\rangle": "⟨", "⟩": "⟨",
}  # fmt: skip
#: Bars, which look the same on both sides.
BARS: dict[str, str] = {"|": "|", r"\vert": "|", r"\|": "‖", r"\Vert": "‖", "‖": "‖"}

MATRICES = frozenset({"matrix", "pmatrix", "bmatrix", "smallmatrix", "array", "Bmatrix"})
CASES = frozenset({"cases", "dcases", "rcases"})
#: Environments of whole lines.
LINES = frozenset(
    name + star
    for name in ("align", "aligned", "gather", "gathered", "split", "equation", "multline", "eqnarray")
    for star in ("", "*")
)
ENVIRONMENTS = MATRICES | CASES | LINES

WRAPS = frozenset({"boxed", "underline", "underbrace", "overbrace", "fbox"})
FRACTIONS = frozenset({"frac", "dfrac", "tfrac", "cfrac"})

#: Words between formulas that change nothing in what the formulas say.
CONNECTIVES = frozenset(
    [
        "so",
        "and",
        "since",
        "because",
        "hence",
        "thus",
        "therefore",
        "then",
        "where",
        "with",
        "also",
        "now",
        "finally",
        "similarly",
        "likewise",
        "recall",
        "note",
        "that",
        "we",
        "have",
        "get",
        "obtain",
        "had",
        "by",
        "from",
        "which",
        "is",
        "gives",
        "let",
        "again",
        "as",
        "using",
        "i.e.",
        "namely",
        "yields",
    ]
)
#: Words before a condition on what stands before them.
CONDITIONALS = frozenset({"if", "when", "for", "whenever"})
#: Words of remarks at the end of a row that only say why it holds, or that it was to be shown.
EXPLAINING = frozenset([
    "a", "above", "again", "algebra", "and", "associativity", "backprop", "backpropagation", "before", "by",
    "calculus", "cancel", "canceling", "cancelling", "chain", "clearly", "collect", "collecting", "combine",
    "combining", "commutativity", "def", "definition", "defn", "derivative", "derivatives", "desired",
    "difference", "differentiate", "differentiating", "distributivity", "done", "earlier", "eq", "equation",
    "expand", "expanding", "expansion", "factor", "factoring", "factorising", "factorizing", "follows", "from",
    "get", "have", "hence", "hint", "identity", "insert", "inserting", "is", "lecture", "linearity", "log",
    "logarithm", "logarithms", "note", "notes", "obviously", "of", "ok", "out", "part", "plug", "plugging",
    "power", "previous", "product", "properties", "property", "qed", "quotient", "rearrange", "rearranging",
    "recall", "required", "result", "results", "rule", "rules", "see", "show", "shown", "simplification",
    "simplified", "simplify", "simplifying", "so", "step", "steps", "substitute", "substituting",
    "substitution", "sum", "symmetry", "terms", "the", "this", "thus", "to", "trick", "use", "using", "via",
    "want", "wanted", "we", "what",
])  # fmt: skip
OTHERWISE = frozenset({"otherwise", "else", "elsewhere"})

#: Functions whose names, typed without a backslash, are letters side by side to TeX; the longest first.
TYPED = (
    "softmax", "sigmoid", "relu", "tanh", "sqrt", "exp", "log", "sin", "cos", "tan", "max", "min", "det", "sum", "ln",
)  # fmt: skip

#: Commands that would change the language or reach outside, and why they are not taken.
FORBIDDEN: dict[str, str] = {
    **dict.fromkeys(
        [
            "def",
            "edef",
            "gdef",
            "xdef",
            "let",
            "newcommand",
            "renewcommand",
            "providecommand",
            "newenvironment",
            "catcode",
            "csname",
            "endcsname",
            "expandafter",
            "DeclareMathOperator",
            "futurelet",
            "uppercase",
            "lowercase",
        ],
        "macros are never defined or expanded here: write the formula itself",
    ),
    **dict.fromkeys(
        [
            "input",
            "include",
            "includegraphics",
            "write",
            "immediate",
            "openin",
            "openout",
            "read",
            "special",
            "directlua",
            "url",
            "href",
            "usepackage",
            "write18",
        ],
        "a formula cannot reach files or programs",
    ),
}
