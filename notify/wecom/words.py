"""Fixed texts on cards, in both languages. They are part of the public contract, so they are not in the .po files."""

from templates_engine.text import Text, both

BUTTONS: dict[str, Text] = {
    "approve": both("同意", "Approve"),
    "confirm": both("确认", "Confirm"),
    "return": both("退回", "Return"),
    "details": both("详情", "Details"),
}
ROWS: dict[str, Text] = {
    "template": both("模板", "Type"),
    "applicant": both("申请人", "From"),
    "plan": both("计划", "Plan"),
    "proxy": both("代", "For"),
}
SOURCE = both("Baton 接力", "Baton")
WORKING = both("处理中…", "Working…")
HOST = both("{count} 台主机", "{count} host")
HOSTS = both("{count} 台主机", "{count} hosts")
DIGEST = both("摘要", "Digest")
HIGH_RISK = both("高风险：请打开详情，核对后同意", "High risk: open the details to approve")
NOT_YET = both("请打开详情：现在还不能在此同意", "Open the details: not to be approved here now")
DRY_RUN = both("试运行还没有结果，还不能在此同意", "The dry run has no result yet: not to be approved now")
CHECKED = both("执行后做健康检查", "Health check afterwards")
FORESEEING = both("试运行结果见详情", "Dry run: see details")
FORESEEN = both("预计：{words}", "Foreseen: {words}")
RETURN_COMMENT = both("从企业微信退回", "Returned from WeCom")

# What a card shows once its task is settled. {who} and {when} are filled in.
TRUTH: dict[str, Text] = {
    "approved": both("已由 {who} 于 {when} 通过", "Approved by {who} at {when}"),
    "confirmed": both("已由 {who} 于 {when} 确认", "Confirmed by {who} at {when}"),
    "returned": both("已由 {who} 于 {when} 退回", "Returned by {who} at {when}"),
    "vetoed": both("已由 {who} 于 {when} 否决", "Refused by {who} at {when}"),
    "transferred": both("已由 {who} 于 {when} 转交", "Handed on by {who} at {when}"),
    "withdrawn": both("申请人已撤回", "Withdrawn by the applicant"),
    "cancelled": both("已不需要处理", "Nothing left to do"),
}
ACTING_FOR = both("代 {principal}", "for {principal}")
PROXY = both("{agent}（代 {principal}）", "{agent} for {principal}")
SYSTEM = both("系统", "the system")

# What a card shows if a tap was refused although its task is still open.
REFUSED: dict[str, Text] = {
    "foreseen": both("试运行已完成，见新卡片", "Dry run done: see new card"),
    "dry_run_pending": both("试运行还没有结果，请稍后再同意", "Wait for the dry run's result"),
    "dry_run_failed": both("试运行失败，请看详情", "The dry run failed: see details"),
    "stale_version": both("内容已变更，请看详情", "It changed: see details"),
    "not_your_task": both("已不由你处理", "No longer yours to do"),
    "wrong_state": both("现在还不能处理，请看详情", "Not possible now: see details"),
    "own_ticket": both("不能处理自己的工单", "This is your own ticket"),
}
REFUSED_OTHERWISE = both("未能处理，请看详情", "Not done: see details")
