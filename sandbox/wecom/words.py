"""Texts of the pages: name → (中文, English)."""

LOGIN = {
    "who": ("以谁的身份登录", "Log in as"),
    "why": (
        "这里代替企业微信的扫码和授权，只用于演示和测试。",
        "This stands in for WeCom's QR code and consent. For demos and tests only.",
    ),
    "visitor": ("外部访客", "A visitor"),
    "visitor_note": ("不是企业成员，只有 openid", "Not a member: an openid only"),
    "cancel": ("取消登录", "Cancel"),
    "refused": ("无法登录", "No log-in here"),
    "bad_appid": ("appid 不是这个企业的。", "The appid is not this corp's."),
    "bad_redirect": (
        "redirect_uri 的域名与可信域名不一致。它来自 SANDBOX_TRUSTED_ORIGIN。",
        "The redirect_uri is not in the trusted domain, which SANDBOX_TRUSTED_ORIGIN names.",
    ),
    "bad_state": (
        "state 只能有字母和数字，最长 128 个。",
        "The state takes letters and digits only, 128 at most.",
    ),
    "bad_scope": (
        "response_type 须为 code，scope 须为 snsapi_base 或 snsapi_privateinfo。",
        "response_type must be code, and scope snsapi_base or snsapi_privateinfo.",
    ),
    "bad_agent": ("agentid 不是这个应用的。", "The agentid is not this application's."),
}

PHONE = {
    "title": ("企业微信沙盒", "WeCom sandbox"),
    "note": (
        "演示和测试用的替身。密钥都是假的，打不开任何真东西。",
        "A stand-in for demos and tests. Its keys are not real and open nothing.",
    ),
    "people": ("换一个人", "Whose phone"),
    "pick": ("选一个人，看看他的手机。", "Choose a person to see their phone."),
    "chat": ("与应用的会话", "Chat with the application"),
    "loading": ("正在取消息", "Fetching messages"),
    "empty": ("还没有消息。", "No messages yet."),
    "empty_hint": (
        "轮到这个人审批时，卡片会出现在这里。",
        "When it is this person's turn, the card appears here.",
    ),
    "lost": ("沙盒没有回应，正在重试。", "The sandbox does not answer. Trying again."),
    "dropped": (
        "近一小时有 {n} 条消息没有送达：每个应用每分钟最多给一个人送达 30 条（每小时 1000 条），多出的会被悄悄丢弃。",
        "{n} messages of the last hour did not arrive: what is over 30 a minute (1,000 an hour) is silently dropped.",
    ),
    "timeout": ("处理超时，请点击重试", "Timed out. Tap to try again"),
    "working": ("处理中", "Working"),
    "submit": ("提交", "Submit"),
    "details": ("详情", "Details"),
    "more": ("更多", "More"),
    "download": ("下载", "Download"),
    "unread": ("{n} 条未读", "{n} unread"),
    "wire": ("线路", "On the wire"),
    "wire_empty": ("还没有往来。", "Nothing yet."),
    "wire_api": ("应用调用", "App calls"),
    "wire_callback": ("回调应用", "Callback"),
    "wire_reply": ("应用回复", "Reply"),
    "wire_dropped": ("超出频率，丢弃", "Dropped: too many"),
    "wire_swallowed": ("内容重复，丢弃", "Dropped: said before"),
    "wire_press": ("按下", "Tap"),
    "wire_oauth": ("登录", "Log-in"),
    "wire_verify": ("验证地址", "Address check"),
    "language": ("English", "中文"),
}
