"""Texts that strangers may write, each by what it attacks; those that no file holds are refused."""

from __future__ import annotations

# What a page would set if anything of a text were run, and where it would look for more.
MARK = "window.__pwned=1"
AWAY = "http://attacker.invalid"

PAGE = {
    "script": f"<script>{MARK}</script>",
    "image": f"<img src=x onerror={MARK}>",
    "end of a script": f"</script><script>{MARK}</script>",
    "end of a style": f"</style><script>{MARK}</script>",
    "end of a title": f"</title></textarea><script>{MARK}</script>",
    "end of an attribute": f'"><svg onload="{MARK}">',
    "end of another": f"' onmouseover='{MARK}' x='",
    "comment": f"<!-- --!><script>{MARK}</script> ]]>",
    "frame": f'<iframe src="{AWAY}"></iframe><link rel=stylesheet href={AWAY}/x.css>',
    "refresh": f'<meta http-equiv=refresh content="0;url={AWAY}"><base href={AWAY}>',
    "style": f"x:expression({MARK});}}body{{background:url({AWAY}/x)}}",
    "entities": "&lt;script&gt; &amp;amp; &#x3c;b&#x3e; &nbsp;",
}
LINKS = {
    "javascript": f"javascript:{MARK}",
    "javascript in disguise": f" JaVa\tScRiPt:{MARK}",
    "data": f"data:text/html,<script>{MARK}</script>",
    "file": "file:///etc/passwd",
    "vbscript": "vbscript:msgbox(1)",
    "link": f"{AWAY}/?a=1&b=<x>\"'",
}
SHEETS = {
    "command": "=cmd|'/c calc'!A1",
    "plus": "+1+cmd|'/c calc'!A1",
    "minus": "-2+3+cmd|'/c calc'!A1",
    "at": '@SUM(1+1)*HYPERLINK("http://attacker.invalid")',
    "full width": "＝cmd|'/c calc'!A1",
    "full width at": "＠SUM(1)",
    "after a semicolon": "Ana;=cmd|'/c calc'!A1",
    "after quotes": '","=cmd|\'/c calc\'!A1","',
    "field": '=DDE("cmd";"/c calc";"x")',
}
TYPST = {
    "read": '#read("/etc/passwd")',
    "eval": '#eval("1 + 1") #panic("x") #import "@preview/x:1.0.0"',
    "mathematics": "$ x^2 $ $x$ \\ \\u{41}",
    "marks": "@ref <label> *a* _b_ `c` = d // e /* f */ [g] #[h]",
    "raw": '```typ #read("/etc/passwd")```',
}
PROSE = {
    "markdown": f"[x](javascript:{MARK}) ![y]({AWAY}/y.png) `z` **b** <{AWAY}>",
    "table": "a | b || c |---|",
    "template": "{{ 7*7 }} {% raw %} {name} {0} {0.__class__} ${7*7} #{7*7} %s %n",
    "quotes": "'''\"\"\"\\'\\\"; import os; os.system('touch executed')",
    "latex": "\\input{/etc/passwd} \\write18{touch executed}",
}
PATHS = {
    "up": "../../../etc/passwd",
    "up in windows": "..\\..\\windows\\system32",
    "absolute": "/etc/passwd",
    "drive": "C:\\x",
    "device": "CON",
    "device with ending": "NUL.txt",
    "point at the end": "aux. ",
}
WRITING = {
    "emoji": "👩\u200d🚀 🏴\u200d☠️ 🇲🇽",
    "right to left": "بلدية السلام עיריית שלום",
    "chinese": "北京市 東京",
    "marks piled up": "e" + "\u0301" * 60,
    "long": "Ñandú " * 1_667,
    "long word": "á" * 10_000,
    "short of a page": "W" * 400,
}
# What can't be seen: taken out of data, refused in what a person writes by hand.
UNSEEN = {
    "override": "Ana \u202egnp.exe\u202c",
    "isolates": "\u2066Ana\u2069 \u2067x",
    "zero width": "A\u200bn\u200ca\u2060\ufeff",
    "title of a terminal": "\x1b]0;owned\x07Ana",
    "cleared terminal": "\x1b[2J\x1b[31mAna\x1b[8m",
    "link of a terminal": "\x1b]8;;http://attacker.invalid\x1b\\Ana\x1b]8;;\x1b\\",
    "c1": "\x9b31mAna\x9d0;x\x9c\x85",
    "bell and back": "Ana\x07\x08\x08\x08x\x7f",
    "lines": "Ana\u2028x\u2029y\x0bz\x0c",
    "returns": "Ana\r=1\r\n=2",
    "no character": "Ana\ufffe\uffff\U0001ffff",
}
SHOWN = PAGE | LINKS | SHEETS | TYPST | PROSE | PATHS | WRITING
# A tab or return before what a spreadsheet takes for a formula.
LED = {"tab": "\t=1+1", "return": "\r=1+1", "spaces": "  =1+1", "newline": "\n=1+1"}
EVERYTHING = SHOWN | UNSEEN | LED
