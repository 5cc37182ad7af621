/** The text that a new template begins with: valid, and with one of each thing that most templates need. */
export function skeleton(key: string, zh: string, en: string): string {
  const quoted = (words: string) => JSON.stringify(words) // JSON strings are YAML strings
  return `apiVersion: baton/v1
kind: TicketTemplate
key: ${key}
name: {zh: ${quoted(zh)}, en: ${quoted(en)}}
visible_to: [everyone]
form:
  - {key: reason, type: textarea, label: {zh: 原因, en: Reason}, required: true, max_length: 2000}
chain:
  - {node: leader, type: approval, name: {zh: 直属上级, en: Manager}, approvers: [{manager: 1}],
     on_empty: escalate, on_self: escalate}
`
}
