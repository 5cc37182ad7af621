"""Messages for differences between two versions, in both languages."""

from collections.abc import Mapping
from typing import Any

from templates_engine.fields import FIELD_TYPES
from templates_engine.nodes import NODE_TYPES
from templates_engine.text import Text, both, localize

# code: (中文, English). {placeholders} are filled from the change's details.
CHANGES: dict[str, tuple[str, str]] = {
    "setting_added": ("新增{what}：{after}。", "{what} added: {after}."),
    "setting_removed": ("去掉了{what}（原为 {before}）。", "{what} taken out (was {before})."),
    "setting_changed": ("{what}：{before} → {after}。", "{what}: {before} → {after}."),
    "field_added": ("新增字段 {name}（{type}）。", "Field {name} added ({type})."),
    "field_removed": ("删除字段 {name}。", "Field {name} taken out."),
    "fields_reordered": ("字段顺序改变：{after}。", "The order of the fields: {after}."),
    "field_setting_added": ("字段 {name} 新增{what}：{after}。", "Field {name}: {what} added: {after}."),
    "field_setting_removed": (
        "字段 {name} 去掉了{what}（原为 {before}）。",
        "Field {name}: {what} taken out (was {before}).",
    ),
    "field_setting_changed": (
        "字段 {name} 的{what}：{before} → {after}。",
        "Field {name}: {what}: {before} → {after}.",
    ),
    "options_added": ("字段 {name} 新增选项：{after}。", "Field {name}: options added: {after}."),
    "options_removed": ("字段 {name} 去掉选项：{before}。", "Field {name}: options taken out: {before}."),
    "node_added": ("新增节点 {name}（{type}），位于{place}。", "Node {name} added ({type}), {place}."),
    "node_removed": ("删除节点 {name}（{type}），原位于{place}。", "Node {name} taken out ({type}); it was {place}."),
    "node_moved": ("节点 {name} 移动：{before} → {after}。", "Node {name} moved: {before} → {after}."),
    "node_setting_added": ("节点 {name} 新增{what}：{after}。", "Node {name}: {what} added: {after}."),
    "node_setting_removed": (
        "节点 {name} 去掉了{what}（原为 {before}）。",
        "Node {name}: {what} taken out (was {before}).",
    ),
    "node_setting_changed": ("节点 {name} 的{what}：{before} → {after}。", "Node {name}: {what}: {before} → {after}."),
    "rules_added": ("节点 {name} 的{what}增加：{after}。", "Node {name}: {what}: {after} added."),
    "rules_removed": ("节点 {name} 的{what}去掉：{before}。", "Node {name}: {what}: {before} taken out."),
    "case_added": ("节点 {name} 新增分支 {case}。", "Node {name}: case {case} added."),
    "case_removed": ("节点 {name} 删除分支 {case}。", "Node {name}: case {case} taken out."),
    "cases_reordered": (
        "节点 {name} 的分支顺序改变：{after}。第一个成立的分支生效。",
        "Node {name}: the order of its cases: {after}. The first that is true is taken.",
    ),
    "case_name_changed": (
        "节点 {name} 的分支改名：{before} → {after}。",
        "Node {name}: case {before} is now called {after}.",
    ),
    "condition_changed": (
        "节点 {name} 分支 {case} 的条件：{before} → {after}。",
        "Node {name}, case {case}: its condition: {before} → {after}.",
    ),
}

# Labels of keys; those of a node or field type of its own are on its class.
WHAT: dict[str, tuple[str, str]] = {
    "name": ("名称", "name"),
    "label": ("标签", "label"),
    "help": ("说明", "help"),
    "description": ("描述", "description"),
    "category": ("分类", "category"),
    "number_prefix": ("单号前缀", "number prefix"),
    "visible_to": ("可见范围", "audience"),
    "rating": ("评价", "rating"),
    "summary": ("摘要字段", "summary"),
    "key": ("标识", "key"),
    "type": ("类型", "type"),
    "required": ("必填", "required"),
    "default": ("默认值", "default"),
    "placeholder": ("占位文字", "placeholder"),
    "min": ("最小值", "smallest value"),
    "max": ("最大值", "largest value"),
    "precision": ("小数位数", "decimals"),
    "min_length": ("最少字数", "least length"),
    "max_length": ("最多字数", "greatest length"),
    "min_items": ("最少项数", "fewest items"),
    "max_items": ("最多项数", "most items"),
    "pattern": ("格式", "pattern"),
    "visible_when": ("显示条件", "condition for showing"),
    "required_when": ("必填条件", "condition for being required"),
    "editable_at": ("可修改的节点", "nodes where it is editable"),
    "readonly_at": ("只读的节点", "nodes where it is read-only"),
    "hidden_at": ("隐藏的节点", "nodes where it is hidden"),
    "columns": ("列", "columns"),
    "options": ("选项", "options"),
    **{key: words for kind in NODE_TYPES.values() for key, words in kind.words.items()},
    **{key: words for kind in FIELD_TYPES.values() for key, words in kind.words.items()},
}

# Keywords of a template, by the keys that take them; under other keys the same text is a name.
WORDS: dict[str, Mapping[str, tuple[str, str]]] = {
    "visible_to": {"everyone": ("所有人", "everyone")},
    **{key: words for kind in NODE_TYPES.values() for key, words in kind.choices.items()},
}


def what(key: str) -> Text:
    """The label of a key of the document; a parameter keeps its own name."""
    first, dot, rest = key.partition(".")
    zh, en = WHAT.get(first, (first, first))
    return both(f"{zh}{dot}{rest}", f"{en}{dot}{rest}")


def say(value: Any, key: str = "") -> Text:
    """A value of the document, short. key: the key that holds it, to tell keywords from names."""
    return both(_said(value, key, "zh"), _said(value, key, "en"))


def _said(value: Any, key: str, language: str) -> str:
    if isinstance(value, bool):
        return {"zh": ("否", "是"), "en": ("no", "yes")}[language][value]
    if value is None or value in ([], "", {}):
        return {"zh": "无", "en": "none"}[language]
    if isinstance(value, str):
        zh, en = WORDS.get(key, {}).get(value, (value, value))
        return zh if language == "zh" else en
    if isinstance(value, list):
        return ("、" if language == "zh" else ", ").join(_said(inner, key, language) for inner in value)
    if isinstance(value, dict):
        return _mapping(value, key, language)
    return str(value)


def _mapping(value: dict[str, Any], key: str, language: str) -> str:
    if key == "options" and set(value) == {"value", "label"}:
        return str(value["value"])
    if set(value) <= {"zh", "en"} and all(isinstance(words, str) for words in value.values()):
        return localize(value, language)  # type: ignore[arg-type]  # its keys say so
    inner = {name: _said(part, name if name == "options" else "", language) for name, part in value.items()}
    return "{" + ", ".join(f"{name}: {said}" for name, said in inner.items()) + "}"
