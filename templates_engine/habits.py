"""How expressions are written elsewhere, and what to write here: two tables, in both languages."""

import re
from dataclasses import dataclass

Words = tuple[str, str]  # 中文, English


@dataclass(frozen=True)
class Habit:
    """A way to write that is no CEL. problem and write may name what was found: {found}, and in half width: {plain}."""

    pattern: re.Pattern[str]
    problem: Words
    write: Words


def _habit(pattern: str, problem: Words, write: Words) -> Habit:
    return Habit(re.compile(pattern), problem, write)


_NO_WORDS = ("{found} 不是运算符", "{found} is no operator here")
_EMPTY = (
    "问有没有填，写 has(form.x) 或 !has(form.x)；空的文字也可写 form.x == ''。",
    "Ask has(form.x), or !has(form.x), for whether a field has a value; an empty text is form.x == '' too.",
)
_QUOTES = ("用英文直引号：'…'。", "Use straight quotes: '…'.")
_AND, _OR, _NOT = (
    ("写成 &&。", "Write &&."),
    ("写成 ||。", "Write ||."),
    ("写成 !，例如 !form.x；不相等写 !=。", "Write !, as in !form.x; for unequal write !=."),
)
_TERNARY = (
    "写成 条件 ? 值 : 否则的值；再多几种就接着写 ? :，或用分支节点。",
    "Write condition ? value : other; for more of them another ? :, or a branch with several cases.",
)
_TESTS = (
    "写成 form.x.contains('…')、startsWith、endsWith，或 form.x.matches('^…$')。",
    "Write form.x.contains('…'), startsWith, endsWith, or form.x.matches('^…$').",
)
_TIMES = (
    "写成 form.x.getHours()、getDayOfWeek()（星期日是 0）、getDate()、getMonth()（一月是 0）、getFullYear()。",
    "Write form.x.getHours(), getDayOfWeek() (0: Sunday), getDate(), getMonth() (0: January), getFullYear().",
)
_BARE_NUMBER = ("只写数字：100000、0.5。", "Write the number alone: 100000, 0.5.")

# The one that stands first in the expression counts; of several in one place the first of these.
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
    _habit(r"=~|!~|(?<!\w)~", ("没有 {found}", "There is no {found}"), _TESTS),
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
    _habit(r"(?<!&)&(?!&)", ("单个 & 不是“并且”", "A single & joins nothing"), _AND),
    _habit(r"(?<!\|)\|(?!\|)", ("单个 | 不是“或者”", "A single | joins nothing"), _OR),
    _habit(r"\^", ("没有 ^", "There is no ^"), ("两者恰有其一写成 a != b。", "For one of two write a != b.")),
    _habit(
        r"(?<![.\w])(?i:not\s+in)\b", _NO_WORDS, ("写成 !(form.x in ['a', 'b'])。", "Write !(form.x in ['a', 'b']).")
    ),
    _habit(r"(?<![.\w])(?i:is)\b(?:\s+(?i:not))?(?:\s+\w+)?", _NO_WORDS, _EMPTY),
    _habit(r"(?<![.\w])(?:and|AND|And)\b|并且|而且|且", _NO_WORDS, _AND),
    _habit(r"(?<![.\w])(?:or|OR|Or)\b|或者|或", _NO_WORDS, _OR),
    _habit(r"不等于|不是", _NO_WORDS, ("写成 !=。", "Write !=.")),
    _habit(r"大于等于|不小于|小于等于|不大于", _NO_WORDS, ("写成 >= 或 <=。", "Write >= or <=.")),
    _habit(r"等于", _NO_WORDS, ("写成 ==。", "Write ==.")),
    _habit(r"大于|小于", _NO_WORDS, ("写成 > 或 <。", "Write > or <.")),
    _habit(
        r"包含|属于",
        _NO_WORDS,
        ("写成 'a' in form.x，或 form.x.contains('a')。", "Write 'a' in form.x, or form.x.contains('a')."),
    ),
    _habit(r"(?<![.\w])(?:not|NOT|Not)\b|非", _NO_WORDS, _NOT),
    _habit(
        r"(?<![.\w])(?:null|None|NULL|Null|nil|undefined)\b",
        ("没有 {found} 可比", "There is no {found} to compare with"),
        _EMPTY,
    ),
    _habit(
        r"(?<![.\w])(?:True|TRUE|False|FALSE)\b",
        ("真假写小写", "True and false are written small"),
        (
            "写成 true 或 false；开关直接写 form.x 或 !form.x。",
            "Write true or false; of a switch just form.x or !form.x.",
        ),
    ),
    _habit(
        r"(?<![.\w])(?:if|then|else|elif|elseif|endif|switch|case)\b|如果|那么|否则",
        ("没有 {found}", "There is no {found}"),
        _TERNARY,
    ),
    _habit(r"(?<![.\w])(?i:like|ilike|rlike|regexp)\b", _NO_WORDS, _TESTS),
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
        ("in 后面的列表用方括号", "A list stands in square brackets"),
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
            "Ask of every element with form.x.exists(e, e == 'a') or form.x.all(…).",
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
    _habit(r"\[[^\[\]{}?]*:[^\[\]{}?]*\]", ("不能取一段", "There are no slices"), _TESTS),
    _habit(
        r"[$#@]",
        ("{found} 不属于表达式", "{found} is no part of an expression"),
        ("字段写成 form.x。", "A field is form.x."),
    ),
)


def _known(*names: str, write: Words) -> dict[str, Words]:
    return dict.fromkeys(names, write)


# Names of functions and parts as other languages have them → what to write.
NAMES: dict[str, Words] = {
    **_known(
        *(
            "lower",
            "lowerAscii",
            "toLowerCase",
            "toLower",
            "lowercase",
            "upper",
            "upperAscii",
            "toUpperCase",
            "toUpper",
        ),
        write=(
            "不分大小写写成 form.x.matches('(?i)^abc$')。",
            "Whatever the letters' case: form.x.matches('(?i)^abc$').",
        ),
    ),
    **_known(
        "len",
        "length",
        "LEN",
        "SIZE",
        "Size",
        "count",
        "COUNT",
        "Count",
        write=("个数和长度写成 size(form.x)。", "How many, and how long, is size(form.x)."),
    ),
    **_known(
        "str",
        "String",
        "toString",
        "to_string",
        "format",
        write=("写成 text(form.x)（给人看）或 string(form.x)。", "Write text(form.x), for people, or string(form.x)."),
    ),
    **_known(
        "float",
        "number",
        "Number",
        "decimal",
        "Decimal",
        "toNumber",
        "parseFloat",
        "parseInt",
        write=(
            "写成 double('1.5') 或 int('3')；数字字段不用转换。",
            "Write double('1.5') or int('3'); a number field is a number.",
        ),
    ),
    **_known(
        "trim",
        "strip",
        "split",
        "substring",
        "substr",
        "replace",
        "join",
        "indexOf",
        "charAt",
        "concat",
        "left",
        "right",
        write=_TESTS,
    ),
    **_known(
        "now",
        "today",
        "NOW",
        "TODAY",
        "sysdate",
        "current_date",
        "currentDate",
        "Date",
        "datetime",
        write=(
            "表达式不知道现在几点：比较字段，或用 wait 节点、at、due。",
            "An expression does not know the time: compare fields, or use a wait node, at, or due.",
        ),
    ),
    **_known(
        "manager",
        "leader",
        "head",
        write=(
            "上级和负责人由规则来找：approvers: [{manager: 1}]、[{department_head: 1}]。",
            "Managers and heads are found by rules: approvers: [{manager: 1}], [{department_head: 1}].",
        ),
    ),
    **_known(
        "applicant",
        "creator",
        "submitter",
        write=("申请人是 applicant.username。", "Who applies is applicant.username."),
    ),
    **_known("max", "min", "MAX", "MIN", write=("写成 a > b ? a : b。", "Write a > b ? a : b.")),
    **_known("abs", "ABS", write=("写成 form.x < 0 ? -form.x : form.x。", "Write form.x < 0 ? -form.x : form.x.")),
    **_known(
        "round",
        "floor",
        "ceil",
        "ROUND",
        write=(
            "取整写成 int(form.x)，四舍五入写成 int(form.x + 0.5)。",
            "Whole numbers are int(form.x), rounded int(form.x + 0.5).",
        ),
    ),
    **_known(
        "SUM",
        "Sum",
        "total",
        "avg",
        write=("合计写成 sum(form.table, 'column')。", "Add up with sum(form.table, 'column')."),
    ),
    **_known(
        "any",
        "some",
        "every",
        "forEach",
        "find",
        write=(
            "写成 form.x.exists(e, e == 'a') 或 form.x.all(e, …)。",
            "Write form.x.exists(e, e == 'a') or form.x.all(e, …).",
        ),
    ),
    **_known(
        "includes",
        "include",
        "in_array",
        "hasAny",
        "indexof",
        "Contains",
        write=(
            "列表写成 'a' in form.x，文字写成 form.x.contains('a')。",
            "Of a list write 'a' in form.x, of a text form.x.contains('a').",
        ),
    ),
    **_known(
        "isEmpty",
        "empty",
        "isBlank",
        "isNull",
        "is_null",
        "isnull",
        "notEmpty",
        "isNotEmpty",
        "defined",
        "exists",
        "IsEmpty",
        write=_EMPTY,
    ),
    **_known("startswith", "StartsWith", "endswith", "EndsWith", "match", "test", "regex", "regexMatch", write=_TESTS),
    **_known("equals", "Equals", "eq", "ne", "compareTo", write=("写成 == 或 !=。", "Write == or !=.")),
    **_known("xor", "XOR", write=("两者恰有其一写成 a != b。", "For one of two write a != b.")),
    **_known("IF", "If", "iif", "IIF", "ifelse", "coalesce", "ifnull", "nvl", write=_TERNARY),
    **_known("AND", "And", write=_AND),
    **_known("OR", "Or", write=_OR),
    **_known("NOT", "Not", write=_NOT),
    **_known(
        "hour",
        "hours",
        "minute",
        "minutes",
        "day",
        "days",
        "month",
        "year",
        "weekday",
        "dayOfWeek",
        "getDay",
        "getYear",
        "toDate",
        "isWeekend",
        "getHour",
        "getMinute",
        "getSecond",
        "getWeekday",
        "getTime",
        write=_TIMES,
    ),
}

# Functions that there are → how they are called.
CALLS: dict[str, Words] = {
    **_known("date", write=("写成 date('2026-12-01') 或 date(form.x)。", "Write date('2026-12-01'), or date(form.x).")),
    **_known("sum", write=("写成 sum(form.table, 'column')。", "Write sum(form.table, 'column').")),
    **_known("text", write=("写成 text(form.x)。", "Write text(form.x).")),
    **_known(
        "getHours",
        "getMinutes",
        "getSeconds",
        "getDayOfWeek",
        "getDate",
        "getDayOfMonth",
        "getMonth",
        "getFullYear",
        write=_TIMES,
    ),
}
