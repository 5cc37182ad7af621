"""The message of each finding, by its code, in both languages."""

# code: (中文, English). {placeholders} are filled from the finding's details.
WORDS: dict[str, tuple[str, str]] = {
    # reading the document
    "too_large": ("文档太大：最多 {limit} 字节。", "The document is too large: {limit} bytes at most."),
    "too_many_parts": (
        "文档的层级或项目太多：最多 {limit}。",
        "Too deep or too many parts: {limit} at most.",
    ),
    "malformed_yaml": ("不是合法的 YAML：{problem}", "Not valid YAML: {problem}"),
    "yaml_feature": (
        "第 {line} 行：模板里不允许使用 YAML 的{feature}。",
        "Line {line}: YAML {feature} are not allowed in a template.",
    ),
    "duplicate_key": ("键 {key} 出现了两次。", "The key {key} appears twice."),
    "unknown_key": ("这里没有名为 {key} 的键。", "There is no key {key} here."),
    "missing_key": ("缺少 {key}。", "{key} is missing."),
    "wrong_type": ("应为{expected}。", "This must be {expected}."),
    "wrong_value": (
        "不能是 {value}；可以是：{allowed}。",
        "{value} is not possible here; one of: {allowed}.",
    ),
    "bad_format": ("格式不对：{value}。", "{value} does not have the right form."),
    "out_of_range": ("超出允许的范围（{limit}）。", "Outside the allowed range ({limit})."),
    # the form
    "duplicate_field": ("字段 {key} 定义了两次。", "The field {key} is defined twice."),
    "bad_default": ("默认值不符合该字段自身的限制。", "The default does not fit the field's own limits."),
    "later_field": (
        "默认值用到了 {name}：只能用排在它前面的字段。",
        "The default uses {name}: only fields that stand before this one can be used.",
    ),
    "too_many_errors": (
        "错误太多，只列出前 {limit} 个。",
        "Too many errors: only the first {limit} are listed.",
    ),
    "too_many_options": ("选项太多：级联一共最多 {limit} 项。", "Too many options: {limit} in all levels at most."),
    "reserved_key": (
        "{key} 是接口地址里的固定词，不能作模板的 key。",
        "{key} is reserved for a URL of the API and cannot be the key of a template.",
    ),
    # expressions
    "bad_expression": (
        "表达式有误（第 {line} 行第 {column} 列）：{problem}",
        "Line {line}, column {column}: {problem}",
    ),
    "commented_out": (
        "第 {line} 行第 {column} 列：// 后面的全是注释，不起作用。",
        "Line {line}, column {column}: // starts a comment, so the rest of the line is ignored.",
    ),
    "unknown_field": ("表达式用到了不存在的 {name}。", "There is no {name}."),
    "not_a_condition": (
        "条件必须得出真或假，这里得出{given}。",
        "A condition must be true or false; this is {given}.",
    ),
    "wrong_expression_type": (
        "这里需要 {expected}，表达式得出 {type}。",
        "This must be {expected}, but the expression gives {type}.",
    ),
    "unguarded_field": (
        "字段 {name} 可以不填，条件里用它之前请先判断 '{key}' in filled，或设为必填。",
        "{name} may be left empty: require it, or write '{key}' in filled && … first.",
    ),
    "unguarded_column": (
        "{name} 这一格可以不填，用它之前请先判断 has({name})，或把该列设为必填。",
        "The cell {name} may be left empty: require the column, or write has({name}) && … first.",
    ),
    "too_many_expressions": (
        "所有表达式加起来太长：最多 {limit} 个字符。",
        "All expressions together are too long: {limit} characters at most.",
    ),
    "impossible_value": (
        "{name} 永远不会是 {value}。",
        "{name} is never {value}.",
    ),
    "unknown_person": (
        "{name} 与 {value} 比较，现在没有这个人。",
        "{name} is compared with {value}, but there is no such person.",
    ),
    "no_order": (
        "{name} 的值没有大小之分，这样比的是字母顺序。",
        "{name} has no order: this would compare the texts alphabetically.",
    ),
    "circular_visibility": (
        "显示条件绕回了自己：{cycle}。",
        "The condition of this field depends on the field itself: {cycle}.",
    ),
    "expression_failed": ("表达式无法求值：{problem}", "The expression cannot be evaluated: {problem}"),
    # the chain
    "duplicate_node": ("节点 {key} 出现了两次。", "The node {key} appears twice."),
    "no_otherwise": ("分支缺少 otherwise。", "The branch has no case with `otherwise`."),
    "otherwise_not_last": ("otherwise 必须是最后一个分支。", "The case with `otherwise` must come last."),
    "empty_chain": ("流程里没有任何节点。", "The chain has no node."),
    "unknown_role": ("没有角色 {key}。", "There is no role {key}."),
    "unknown_user": ("没有用户 {key}。", "There is no user {key}."),
    "unknown_department": ("没有部门 {key}。", "There is no department {key}."),
    "unknown_action": ("没有动作 {key}。", "There is no action {key}."),
    "unapproved_automation": (
        "自动化节点之前必须有审批；只有声明为只读的动作可以例外。",
        "An automation needs an approval before it, unless its action is declared read-only.",
    ),
    "unsafe_convenience": (
        "流程里有自动化节点，审批不能设为 {key}: {value}。请改用 escalate。",
        "The chain runs a job, so an approval may not say {key}: {value}. Use escalate.",
    ),
    "dry_run_required": (
        "动作 {key} 必须先试运行，这里不能写 {value}。",
        "The action {key} requires a dry run first, so {value} is not allowed here.",
    ),
    "no_dry_run": (
        "动作 {key} 不能试运行，这里不能写 {value}。",
        "The action {key} has no dry run, so {value} is not allowed here.",
    ),
    "missing_targets": ("动作 {key} 需要 targets。", "The action {key} needs `targets`."),
    "bad_target": (
        "{value} 不是一台主机：目标必须逐台写明，不能为空，也不能是全部、通配或本机。",
        "{value} is not a host: targets are single hosts, never none, everything, a pattern or this machine.",
    ),
    "no_rollback": (
        "动作 {key} 没有自己的回滚。请写明用哪个动作回滚，或 none。",
        "The action {key} has no rollback of its own. Name an action for the rollback, or write none.",
    ),
    "rollback_of_stages": (
        "几个阶段没有共同的 previous。请写明用哪个动作回滚。",
        "`previous` is not possible for several stages. Name an action for the rollback.",
    ),
    "no_such_stage": (
        "from 必须是前面某个阶段的序号：1 到 {limit}。",
        "`from` must be the number of a stage before this one: 1 to {limit}.",
    ),
    "no_such_output": (
        "动作 {action} 没有输出 {key}。",
        "The action {action} has no output {key}.",
    ),
    "other_type": (
        "类型不符：给的是 {given}，需要 {wanted}。",
        "The types differ: the output is {given}, but {wanted} is needed.",
    ),
    "rollback_changes_nothing": (
        "动作 {key} 是只读的，不能用来回滚。",
        "The action {key} is read-only: it cannot undo anything.",
    ),
    "nothing_to_roll_back": (
        "这里只运行只读动作，没有可回滚的。",
        "Only read-only actions run here: there is nothing to undo.",
    ),
    "missing_param": ("动作 {key} 需要参数 {param}。", "The action {key} needs the parameter {param}."),
    "not_a_people_field": (
        "字段 {key} 的类型是 {type}，不能从中选出处理人。",
        "The field {key} has the type {type}, which does not name people.",
    ),
    "needs_due": ("写了 {key} 就要写 due。", "{key} needs `due` as well."),
    "remind_too_early": (
        "提醒提前量 {value} 必须短于时限 {due}。",
        "A reminder {value} before the deadline must be shorter than due, which is {due}.",
    ),
    "exactly_one": ("{keys} 必须且只能写一个。", "Exactly one of {keys} must be given."),
    "unknown_template": (
        "没有已发布的模板 {key}。",
        "There is no published template {key}.",
    ),
    "files_stay": (
        "文件不会随工单带到子工单，{key} 不能填值。",
        "Files cannot be passed to a sub-ticket: {key} takes no value here.",
    ),
    "missing_child_field": (
        "子工单模板 {template} 的必填字段 {key} 没有值。",
        "{template} requires the field {key}, but no value is given for it.",
    ),
    "child_needs_choice": (
        "模板 {key} 的节点 {node} 由申请人选人，子工单没有人来选。",
        "At the node {node} of {key} the applicant chooses people, which is not possible for a sub-ticket.",
    ),
    "subticket_cycle": ("子工单绕回了自己：{cycle}。", "The sub-tickets lead back to this template: {cycle}."),
    "subticket_depth": (
        "子工单有 {depth} 层，最多 {limit} 层。",
        "{depth} levels of sub-tickets; {limit} at most.",
    ),
    # proofs
    "unreachable_node": ("没有任何路径通向节点 {key}。", "No path leads to the node {key}."),
    "endless_chain": (
        "从节点 {key} 出发会绕回自己，流程没有终点。",
        "After the node {key} the chain leads back to it and never ends.",
    ),
    "dead_end": ("节点 {key} 通向不存在的 {to}。", "The node {key} leads to {to}, which does not exist."),
    "join_never_completes": ("并行节点 {key} 的汇合无法完成：{why}。", "The join of {key} cannot complete: {why}."),
    "unreachable_case": ("永远走不到这个分支：{why}。", "This case is never taken: {why}."),
    "unreachable_otherwise": (
        "前面的条件已经涵盖所有情况，永远走不到 otherwise。",
        "The conditions before it cover everything: `otherwise` is never taken.",
    ),
    "unknown_node": ("没有名为 {key} 的审批或确认节点。", "There is no approval or confirm node {key}."),
    "contradictory_access": (
        "节点 {key} 上同时写了 {one} 和 {other}。",
        "At the node {key} the field is both {one} and {other}.",
    ),
    "hidden_but_signed": (
        "字段 {field} 决定节点 {runs} 执行什么，却在审批节点 {key} 上隐藏。",
        "{field} decides what the node {runs} runs, but is hidden at the approval {key}.",
    ),
    "applicant_never_asked": (
        "申请人不会被请来审批自己的工单：这条规则只会让节点上报。",
        "Applicants never approve their own tickets: this rule only makes the node escalate.",
    ),
    "applicant_picks_approver": (
        "在 {key} 由谁审批由申请人自己决定，此后直到执行 {runs} 没有别人必须签字。",
        "The applicant picks who approves at {key}, and nobody else must sign before {runs} runs.",
    ),
    "empty_rule": (
        "按今天的组织架构，这条规则对以下申请人找不到人：{people}。",
        "In today's organisation this rule finds nobody for {people}.",
    ),
    "action_not_for": (
        "有人可以使用模板，却不能使用动作 {key}：{people}",
        "some may use the template but not the action {key}: {people}",
    ),
    "action_for_nobody": (
        "能使用这个模板的人都不能使用动作 {key}",
        "nobody who may use the template may use the action {key}",
    ),
    "nobody_acts": (
        "按今天的组织架构，以下申请人的工单在这里没有人能处理：{people}。",
        "In today's organisation nobody can act here on the tickets of {people}.",
    ),
    "breaks_parent": (
        "发布后，已发布的模板 {key} 打开的子工单将不再适用（{place}）：{problem}",
        "After publication, the sub-ticket that {key} opens will no longer fit ({place}): {problem}",
    ),
    "webhook_not_allowed": (
        "这个地址现在不能调用，通知会送不到：{problem}",
        "The current settings do not allow this URL, so nobody would be notified: {problem}",
    ),
    # form values
    "required": ("请填写。", "Please fill this in."),
    "unknown_summary_field": ("表单里没有名为 {name} 的字段。", "The form has no field {name}."),
    "unknown_form_key": ("表单里没有这个字段。", "The form has no such field."),
    "not_visible": ("这个字段当前不显示，不能填写。", "This field is hidden now and takes no value."),
    "too_long": ("最多 {limit} 个字符。", "{limit} characters at most."),
    "too_short": ("至少 {limit} 个字符。", "{limit} characters at least."),
    "too_small": ("不能小于 {limit}。", "Not less than {limit}."),
    "too_big": ("不能大于 {limit}。", "Not more than {limit}."),
    "too_many_items": ("最多选 {limit} 项。", "{limit} items at most."),
    "too_few_items": ("至少选 {limit} 项。", "{limit} items at least."),
    "repeated_item": ("有重复项。", "An item is repeated."),
    "not_an_option": ("{value} 不在选项里。", "{value} is not one of the options."),
    "bad_pattern": ("不符合要求的格式。", "This does not have the required format."),
    "bad_date": (
        "请填写 2000 到 2100 年之间的日期，例如 2026-11-21。",
        "A date from 2000 to 2100, such as 2026-11-21.",
    ),
    "bad_datetime": (
        "请填写 2000 到 2100 年之间带时区的时间，例如 2026-11-21T09:00:00+08:00。",
        "A time from 2000 to 2100 with its zone, such as 2026-11-21T09:00:00+08:00.",
    ),
    "bad_number": ("请填写有限的数字，精度不超过限制。", "Enter a finite number with the allowed decimals."),
    "not_editable": ("这里不能修改这个字段。", "This field may not be changed here."),
    "ends_before_start": ("结束日期不能早于开始日期。", "The end may not be before the start."),
    "too_many_days": ("最多 {limit} 天。", "{limit} days at most."),
    "nothing_to_choose": ("这个节点不由申请人选人。", "Nobody is chosen by the applicant here."),
    "must_choose": ("请选择由谁处理。", "Please choose who acts here."),
    "not_yourself": ("不能选自己审批。", "You cannot choose yourself as an approver."),
    "too_many_children": ("最多拆成 {limit} 个子工单。", "{limit} sub-tickets at most."),
    "control_characters": ("含有不允许的控制字符。", "Contains control characters."),
}
