"""The result of a dry run in one sentence, in both languages."""

import re
from collections.abc import Iterable, Mapping

from automation.executors.base import HostResult
from automation.models.job import DONE
from templates_engine.text import Text, both

_KIND = re.compile(r"([a-z_]+)[ :]")
# Places that are not files, by the first word of their name: (verb and noun in Chinese, one, many in English).
KINDS: dict[str, tuple[str, str, str]] = {
    "file": ("改 {count} 个文件", "1 file changed", "{count} files changed"),
    "folder": ("改 {count} 个目录", "1 folder changed", "{count} folders changed"),
    "restart": ("重启 {count} 个服务", "1 service restarted", "{count} services restarted"),
    "service": ("动 {count} 个服务", "1 service changed", "{count} services changed"),
    "package": ("装卸 {count} 个软件包", "1 package changed", "{count} packages changed"),
    "user": ("改 {count} 个用户", "1 user changed", "{count} users changed"),
    "group": ("改 {count} 个用户组", "1 group changed", "{count} groups changed"),
    "module": ("改 {count} 个内核模块", "1 kernel module changed", "{count} kernel modules changed"),
    "cron": ("改 {count} 个定时任务", "1 cron job changed", "{count} cron jobs changed"),
    "other": ("另改 {count} 处", "1 other change", "{count} other changes"),
}


def kind_of(path: str, text: str) -> str:
    """file, folder, restart, service, …: taken from the executor's name for a place, and from what happens there."""
    if path.startswith("/"):
        return "folder" if path.endswith("/") else "file"
    told = _KIND.match(path)
    kind = told.group(1) if told and told.group(1) in KINDS else "other"
    return "restart" if kind == "service" and text.strip() in ("restarted", "reloaded") else kind


def summary(hosts: Mapping[str, HostResult], unforeseen: Iterable[tuple[str, str]]) -> dict[str, int]:
    """{hosts, changed, failed, unforeseen}: the number of hosts in each group, and of steps that cannot be
    predicted."""
    return {
        "hosts": len(hosts),
        "changed": sum(1 for result in hosts.values() if result.changed),
        "failed": sum(1 for result in hosts.values() if result.status not in DONE),
        "unforeseen": len({step for _host, step in unforeseen}),
    }


def words(counts: Mapping[str, int], places: Iterable[tuple[str, str]]) -> Text:
    """“3 台，改 2 个文件，重启 1 个服务”. places: (path, text) of each predicted change, on any host."""
    kinds = [kind_of(path, text) for path, text in dict(places).items()]
    hosts = counts["hosts"]
    zh, en = [f"{hosts} 台"], [_count(hosts, "1 host", "{count} hosts")]
    for kind, (in_zh, one, many) in KINDS.items():
        if count := kinds.count(kind):
            zh.append(in_zh.format(count=count))
            en.append(_count(count, one, many))
    if counts["changed"] and not kinds:
        zh.append(f"其中 {counts['changed']} 台会变")
        en.append(_count(counts["changed"], "1 would change", "{count} would change"))
    if not counts["changed"] and not counts["failed"] and not counts["unforeseen"]:
        zh.append("不会有改动")
        en.append("nothing would change")
    if counts["failed"]:
        zh.append(f"{counts['failed']} 台失败")
        en.append(_count(counts["failed"], "1 failed", "{count} failed"))
    if counts["unforeseen"]:
        zh.append(f"{counts['unforeseen']} 步无法预知")
        en.append(_count(counts["unforeseen"], "1 step cannot be foreseen", "{count} steps cannot be foreseen"))
    return both("，".join(zh), ", ".join(en))


def _count(count: int, one: str, many: str) -> str:
    return one if count == 1 else many.format(count=count)
