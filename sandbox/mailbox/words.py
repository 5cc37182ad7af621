"""Texts of the pages: name → (中文, English)."""

WORDS = {
    "title": ("信箱沙盒", "Mailbox sandbox"),
    "note": (
        "发给任何人的邮件都停在这里，不会寄出。",
        "Mail to anybody ends here. Nothing is sent on.",
    ),
    "everybody": ("所有收件人", "Everybody"),
    "recipients": ("收件人", "Recipients"),
    "mails": ("邮件", "Mails"),
    "empty": ("没有邮件。", "No mail."),
    "empty_hint": ("SMTP 在端口 {port} 等着。", "SMTP waits on port {port}."),
    "no_subject": ("（无主题）", "(no subject)"),
    "back": ("返回列表", "Back to the list"),
    "from": ("发件人", "From"),
    "to": ("收件人", "To"),
    "at": ("时间", "Time"),
    "html": ("网页正文", "HTML"),
    "text": ("纯文本", "Text"),
    "headers": ("信头", "Headers"),
    "source": ("源文件", "Source"),
    "attachments": ("附件", "Attachments"),
    "nothing": ("这封邮件没有这一部分。", "This mail has no such part."),
    "language": ("English", "中文"),
}
