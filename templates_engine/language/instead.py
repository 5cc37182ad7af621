"""What to write instead of notations and names of other languages, in both languages."""

Words = tuple[str, str]  # 中文, English

EMPTY = (
    "问有没有填，写 has(form.x) 或 !has(form.x)；空的文字也可写 form.x == ''。",
    "To test whether a field has a value, write has(form.x) or !has(form.x); an empty text is also form.x == ''.",
)
AND, OR, NOT = (
    ("写成 &&。", "Write &&."),
    ("写成 ||。", "Write ||."),
    ("写成 !，例如 !form.x；不相等写 !=。", "Write !, as in !form.x; for unequal write !=."),
)
TERNARY = (
    "写成 条件 ? 值 : 否则的值；再多几种就接着写 ? :，或用分支节点。",
    "Write condition ? value : other; for more of them another ? :, or a branch with several cases.",
)
TESTS = (
    "写成 form.x.contains('…')、startsWith、endsWith，或 form.x.matches('^…$')。",
    "Write form.x.contains('…'), startsWith, endsWith, or form.x.matches('^…$').",
)
TIMES = (
    "写成 form.x.getHours()、getDayOfWeek()（星期日是 0）、getDate()、getMonth()（一月是 0）、getFullYear()。",
    "Write form.x.getHours(), getDayOfWeek() (0: Sunday), getDate(), getMonth() (0: January), getFullYear().",
)
