"""Tables of notations from other languages, and what to write instead, in both languages."""

import re
from dataclasses import dataclass

from templates_engine.language.instead import AND, EMPTY, NOT, OR, TERNARY, TESTS, Words


@dataclass(frozen=True)
class Habit:
    """A notation that is not CEL.

    problem and write may use {found}, the text that was found, and {plain}, the same in half-width characters.
    """

    pattern: re.Pattern[str]
    problem: Words
    write: Words


def _habit(pattern: str, problem: Words, write: Words) -> Habit:
    return Habit(re.compile(pattern), problem, write)


_NO_WORDS = ("{found} 不是运算符", "{found} is no operator here")
_QUOTES = ("用英文直引号：'…'。", "Use straight quotes: '…'.")
_BARE_NUMBER = ("只写数字：100000、0.5。", "Write the number alone: 100000, 0.5.")

# The match that comes first in the expression counts; of several at the same place, the first one in this table.
HABITS = (
    _habit(r"[‘’“”„‚＂＇「」『』`]", ("引号 {found} 不是英文直引号", "{found} is no straight quote"), _QUOTES),
    _habit(
        r"(?:(?<=[<>=+*/-])|^)\s*\d{1,3}(?:[,，]\d{3})+(?![\d.]*[,，\]])",
        ("数字里不能有千位分隔符：{found}", "A number has no separators: {found}"),
        ("写成 {digits}。", "Write {digits}."),
    ),
    _habit(r"\d_\d[\d_]*", ("数字里不能有下划线", "A number has no underscores"), _BARE_NUMBER),
    _habit(
        r"[¥￥$€£]\s*\d[\d,.]*", ("数字前不写货币符号：{found}", "A number has no currency sign: {found}"), _BARE_NUMBER
    ),
    _habit(
        r"(?<![\w.])\d[\d.]*\s?(?:[元块万千亿天人台个次]|小时|分钟|%(?=\s*(?:$|[)&|,]))|[kKwW](?!\w))",
        ("数字后不写单位：{found}", "A number has no unit: {found}"),
        _BARE_NUMBER,
    ),
    _habit(
        r"(?<![\w'-])\d{4}-\d{1,2}-\d{1,2}(?![\w'-])",
        ("{found} 会被当成减法", "{found} would be a subtraction"),
        ("日期写成 date('{found}')。", "A day is date('{found}')."),
    ),
    _habit(
        r"[\uff01-\uff5e。、]",
        ("全角符号 {found}", "{found} is a full-width sign"),
        ("改成半角 {plain}。", "Write {plain}."),
    ),
    _habit(
        r"\{\{|\}\}|\$\{|<%|%>",
        ("这里不是文字模板：{found}", "This is no text template: {found}"),
        ("直接写表达式，例如 form.x == 'a'。", "Write the expression itself, such as form.x == 'a'."),
    ),
    _habit(r"===|!==", ("没有 {found}", "There is no {found}"), ("写成 == 或 !=。", "Write == or !=.")),
    _habit(r"=~|!~|(?<!\w)~", ("没有 {found}", "There is no {found}"), TESTS),
    _habit(
        r"[≥≤≠×÷]", ("没有 {found}", "There is no {found}"), ("写成 >=、<=、!=、*、/。", "Write >=, <=, !=, * or /.")
    ),
    _habit(
        r"(?<![\w.])\d{19,}(?![\d.])",
        ("数字太大：{found}", "This number is too large: {found}"),
        ("最多 18 位；再长的是编号，写成文字。", "At most 18 digits; longer ones are identifiers: write a text."),
    ),
    _habit(r"<>", ("没有 <>", "There is no <>"), ("写成 !=。", "Write !=.")),
    _habit(r"=>|=<", ("没有 {found}", "There is no {found}"), ("写成 >= 或 <=。", "Write >= or <=.")),
    _habit(r"(?<![=!<>])=(?![=])", ("= 不是比较", "= compares nothing"), ("比较写成 ==。", "Write == to compare.")),
    _habit(r"(?<!&)&(?!&)", ("单个 & 不是“并且”", "A single & joins nothing"), AND),
    _habit(r"(?<!\|)\|(?!\|)", ("单个 | 不是“或者”", "A single | joins nothing"), OR),
    _habit(r"\^", ("没有 ^", "There is no ^"), ("两者恰有其一写成 a != b。", "For one of two write a != b.")),
    _habit(
        r"(?<![.\w])(?i:not\s+in)\b", _NO_WORDS, ("写成 !(form.x in ['a', 'b'])。", "Write !(form.x in ['a', 'b']).")
    ),
    _habit(r"(?<![.\w])(?i:is)\b(?:\s+(?i:not))?(?:\s+\w+)?", _NO_WORDS, EMPTY),
    _habit(r"(?<![.\w])(?:and|AND|And)\b|并且|而且|且", _NO_WORDS, AND),
    _habit(r"(?<![.\w])(?:or|OR|Or)\b|或者|或", _NO_WORDS, OR),
    _habit(r"不等于|不是", _NO_WORDS, ("写成 !=。", "Write !=.")),
    _habit(r"大于等于|不小于|小于等于|不大于", _NO_WORDS, ("写成 >= 或 <=。", "Write >= or <=.")),
    _habit(r"等于", _NO_WORDS, ("写成 ==。", "Write ==.")),
    _habit(r"大于|小于", _NO_WORDS, ("写成 > 或 <。", "Write > or <.")),
    _habit(
        r"包含|属于",
        _NO_WORDS,
        ("写成 'a' in form.x，或 form.x.contains('a')。", "Write 'a' in form.x, or form.x.contains('a')."),
    ),
    _habit(r"(?<![.\w])(?:not|NOT|Not)\b|非", _NO_WORDS, NOT),
    _habit(
        r"(?<![.\w])(?:null|None|NULL|Null|nil|undefined)\b",
        ("没有 {found} 可比", "There is no {found} to compare with"),
        EMPTY,
    ),
    _habit(
        r"(?<![.\w])(?:True|TRUE|False|FALSE)\b",
        ("真假写小写", "true and false are lower case"),
        (
            "写成 true 或 false；开关直接写 form.x 或 !form.x。",
            "Write true or false; for a switch, just form.x or !form.x.",
        ),
    ),
    _habit(
        r"(?<![.\w])(?:if|then|else|elif|elseif|endif|switch|case)\b|如果|那么|否则",
        ("没有 {found}", "There is no {found}"),
        TERNARY,
    ),
    _habit(r"(?<![.\w])(?i:like|ilike|rlike|regexp)\b", _NO_WORDS, TESTS),
    _habit(
        r"(?<=\s)(?:contains|startsWith|endsWith|matches|includes)(?=\s)",
        _NO_WORDS,
        ("写成 form.x.{found}('…')；列表写 'a' in form.x。", "Write form.x.{found}('…'); of a list 'a' in form.x."),
    ),
    _habit(
        r"(?<![.\w])(?i:between)\b",
        _NO_WORDS,
        ("写成 a <= form.x && form.x <= b。", "Write a <= form.x && form.x <= b."),
    ),
    _habit(
        r"\bin\s*\([^()\[\]]*,[^()\[\]]*\)",
        ("in 后面的列表用方括号", "A list needs square brackets"),
        ("写成 in ['a', 'b']。", "Write in ['a', 'b']."),
    ),
    _habit(
        r"\bform\s*\[", ("字段不用方括号取", "A field is not read with brackets"), ("写成 form.x。", "Write form.x.")
    ),
    _habit(
        r"(?<![.\w])(?:lambda|for)\b|->",
        ("没有 {found}", "There is no {found}"),
        (
            "逐项判断写成 form.x.exists(e, e == 'a') 或 form.x.all(…)。",
            "Test every element with form.x.exists(e, e == 'a') or form.x.all(…).",
        ),
    ),
    _habit(
        r"\?\?|\?\.",
        ("没有 {found}", "There is no {found}"),
        ("写成 has(form.x) ? form.x : 别的值。", "Write has(form.x) ? form.x : something else."),
    ),
    _habit(r"\*\*", ("没有 **", "There is no **"), ("写成乘法：form.x * form.x。", "Multiply: form.x * form.x.")),
    _habit(
        r"\+\+|--|[-+*/]=",
        ("没有 {found}", "There is no {found}"),
        ("表达式只算出一个值，不改变任何东西。", "An expression gives one value and changes nothing."),
    ),
    _habit(
        r";",
        ("只能写一个表达式", "There is one expression only"),
        ("几个条件用 && 或 || 连起来。", "Join conditions with && or ||."),
    ),
    _habit(r"\[[^\[\]{}?]*:[^\[\]{}?]*\]", ("不能取一段", "There are no slices"), TESTS),
    _habit(
        r"[$#@]",
        ("{found} 不属于表达式", "{found} is no part of an expression"),
        ("字段写成 form.x。", "A field is form.x."),
    ),
)
