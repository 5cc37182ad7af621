import { plain, text, type Text } from '@/lib/format/text'

/** Parameters in the action's order, each with its label. */
export function planParams(params: Record<string, unknown>, labels: Record<string, Text>) {
  const rest = Object.keys(params).filter((key) => !(key in labels))
  return [...Object.keys(labels).filter((key) => key in params), ...rest].map((key) => ({
    key,
    label: text(labels[key] ?? key),
    value: plain(params[key]),
  }))
}
