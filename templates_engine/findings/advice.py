"""Advice for the author of a template, by the code of a finding, in both languages.

A finding with a more exact suggestion (“Did you mean …?”) shows that instead; see Finding.suggestion. {placeholders}
are those of the finding's message.
"""

ADVICE: dict[str, tuple[str, str]] = {
    # reading the document
    "too_large": ("把模板拆成几个，或用子工单。", "Split it into several templates, or use sub-tickets."),
    "too_many_parts": (
        "减少嵌套，或把一部分放进子工单的模板。",
        "Nest less, or move a part into a sub-ticket's template.",
    ),
    "malformed_yaml": (
        "检查这一行的缩进、引号和冒号；缩进只能用空格。",
        "Check indentation, quotes and colons there; indent with spaces only.",
    ),
    "yaml_feature": ("把内容直接写出来。", "Write the content out."),
    "duplicate_key": ("只保留一个 {key}。", "Keep one {key} only."),
    "missing_key": ("补上 {key}。", "Add {key}."),
    "wrong_type": ("改成{expected}。", "Make it {expected}."),
    "wrong_value": ("从可用的值里选一个。", "Take one of the possible values."),
    "bad_format": ("对照模板说明里这一项的写法。", "See how the template guide writes this."),
    "out_of_range": ("把值改到范围之内。", "Use a value within the range."),
    # the form
    "duplicate_field": ("给其中一个换一个 key。", "Give one of them another key."),
    "bad_default": ("改默认值，或放宽限制。", "Change the default, or widen the limits."),
    "later_field": ("把 {name} 移到前面，或换一个默认值。", "Move {name} to the front, or take another default."),
    "too_many_errors": ("先改正列出的错误，再检查一次。", "Fix the listed ones, then check again."),
    "too_many_options": ("改用几个字段，或让人直接填写。", "Use several fields, or a text field."),
    "reserved_key": ("换一个 key，例如 {key}-request。", "Take another key, such as {key}-request."),
    # expressions
    "bad_expression": (
        "表达式使用 CEL 语法，见模板说明的“表达式”一节。",
        "Expressions are CEL; see the part on expressions of the template guide.",
    ),
    "commented_out": (
        "除法写成 /（整数除以整数得整数）；不要的部分请删掉。",
        "Divide with / (whole numbers give a whole number); remove the text that is not meant.",
    ),
    "not_a_condition": ("加上比较，例如 == 或 >。", "Compare it with something, with == or > for example."),
    "wrong_expression_type": (
        "换用类型相符的字段，或做转换，例如 string(…)。",
        "Use a field of that type, or convert it, with string(…) for example.",
    ),
    "unguarded_field": (
        "写成 '{key}' in filled && …，或把字段设为 required: true。",
        "Write '{key}' in filled && …, or make the field required: true.",
    ),
    "unguarded_column": (
        "写成 has({name}) && …，或把该列设为 required: true。",
        "Write has({name}) && …, or make the column required: true.",
    ),
    "too_many_expressions": (
        "缩短条件，或把流程拆成几个模板。",
        "Shorten the conditions, or split the template.",
    ),
    "circular_visibility": (
        "让其中一个字段始终显示，或按别的字段判断。",
        "Always show one of these fields, or use another field in the condition.",
    ),
    "expression_failed": ("先判断用到的字段已经填写。", "Test first that the fields it reads are filled."),
    # the chain
    "duplicate_node": ("给其中一个节点换一个 key。", "Give one of the nodes another key."),
    "no_otherwise": ("在最后加上 {{otherwise: true, chain: []}}。", "Add {{otherwise: true, chain: []}} at the end."),
    "otherwise_not_last": ("把它移到最后。", "Move it to the end."),
    "empty_chain": ("至少写一个节点，例如审批。", "Write at least one node, such as an approval."),
    "unknown_user": (
        "检查用户名是否正确、此人是否在职；用角色更稳妥。",
        "Check the username and that the person is active; a role lasts longer.",
    ),
    "unapproved_automation": (
        "在它之前的每条路径上加一个审批节点。",
        "Put an approval before it, on every path that leads there.",
    ),
    "unsafe_convenience": ("改成 escalate，或删掉这一项。", "Write escalate, or leave it out."),
    "dry_run_required": ("改成 required，或删掉这一项。", "Write required, or leave it out."),
    "no_dry_run": ("改成 none，或删掉这一项。", "Write none, or leave it out."),
    "missing_targets": ("加上 targets，例如 targets: form.hosts。", "Add targets, such as targets: form.hosts."),
    "bad_target": (
        "写明主机名，例如 ['web-01']，或用 hosts 字段：form.hosts。",
        "Name the hosts, such as ['web-01'], or use a field of the type hosts: form.hosts.",
    ),
    "missing_param": ("在 params 里加上 {param}。", "Add {param} to params."),
    "not_a_people_field": (
        "改用 user 或 users 类型的字段。",
        "Name a field of the type user or users.",
    ),
    "needs_due": ("加上 due，例如 due: 4h。", "Add due, such as due: 4h."),
    "remind_too_early": ("把提醒改短，或把 due 改长。", "Make the reminder shorter, or due longer."),
    "exactly_one": ("只保留其中一个。", "Keep one of them."),
    "unknown_template": ("先发布那个模板。", "Publish that template first."),
    "files_stay": ("删除这一项；子工单的处理人可在上级工单里看文件。", "Leave it out; the files stay with the parent."),
    "missing_child_field": ("在 form 里给 {key} 一个值。", "Give {key} a value in form."),
    "child_needs_choice": (
        "打开另一个模板，或让那个节点按角色、上级等规则找人。",
        "Open another template, or let a rule such as a role or a manager find people there.",
    ),
    "subticket_cycle": (
        "去掉其中一个子工单节点，让模板之间不再互相打开。",
        "Remove one of the sub-ticket nodes, so that no template opens itself.",
    ),
    "subticket_depth": ("减少层数，例如直接打开最里面的模板。", "Open the innermost template directly, for example."),
    # proofs
    "unreachable_node": ("从流程里能走到的地方连到它，或删掉它。", "Connect it to a node before it, or remove it."),
    "endless_chain": (
        "去掉往回走的连线；退回由审批人操作，不写在流程里。",
        "Remove the edge back; a return is an action of an approver, not part of the chain.",
    ),
    "dead_end": ("把它接到存在的节点，或接到流程结束。", "Let it lead to a node that exists, or to the end."),
    "join_never_completes": (
        "让每个并行分支都只通向自己的汇合点。",
        "Let every branch lead to its own join, and nowhere else.",
    ),
    "unreachable_case": (
        "删掉它，或把它移到遮住它的分支之前。",
        "Remove it, or move it before the case that covers it.",
    ),
    "unreachable_otherwise": (
        "把最后一个条件分支改成 otherwise。",
        "Make the last case with a condition the `otherwise`.",
    ),
    "unknown_summary_field": ("写一个表单字段的 key。", "Name a field of the form."),
    "unknown_node": ("写一个审批或确认节点的 key。", "Name an approval or confirm node."),
    "contradictory_access": ("在这个节点上只保留一种。", "Keep one of the two at this node."),
    "hidden_but_signed": (
        "不要在该审批节点隐藏它：批准的人要看到将要执行的内容。",
        "Show it there: who approves must see what will run.",
    ),
    "webhook_not_allowed": (
        "请管理员把主机加入 BATON_WEBHOOK_HOSTS。",
        "Ask whoever runs this server to add the host to BATON_WEBHOOK_HOSTS.",
    ),
    "breaks_parent": (
        "给新的字段一个默认值，或随后发布与之相配的 {key}。",
        "Give the new field a default, or publish a {key} that fits it next.",
    ),
    "applicant_never_asked": (
        "写明由谁审批，例如 {{manager: 1}}；让申请人办理请用 confirm 节点。",
        "Name an approver, such as {{manager: 1}}; for something that the applicant does, use a confirm node.",
    ),
    "applicant_picks_approver": (
        "在执行之前再加一个审批节点，由角色、上级或部门负责人审批；高风险动作必须如此。",
        "Let a role, a manager or a head of department sign as well before it runs; for a high risk somebody must.",
    ),
    "empty_rule": (
        "为他们设置上级或负责人，或再加一条规则；现在这些人的工单会按 on_empty 处理。",
        "Give them a manager or head, or add a rule; otherwise on_empty applies to their tickets.",
    ),
    "nobody_acts": (
        "再加一条规则，或把 on_empty 改为 escalate，并确保另有管理员。",
        "Add a rule, or set on_empty to escalate and make sure that there is another administrator.",
    ),
}
