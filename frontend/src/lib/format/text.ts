import { i18n } from '@/i18n'

/** An author's text: one for all languages, or one for each. */
export type Text = string | { zh?: string; en?: string }

/** The text in the reader's language, else in the other language. */
export function text(value: Text | null | undefined): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  const [first, second] =
    i18n.global.locale.value === 'en' ? [value.en, value.zh] : [value.zh, value.en]
  return first || second || ''
}

/** `9c41…e07b`: a shortened digest for comparison by eye. */
export function shortDigest(digest: string): string {
  const bare = digest.replace(/^sha256:/, '')
  return bare.length > 12 ? `${bare.slice(0, 4)}…${bare.slice(-4)}` : bare
}

/** A value of a form or a plan as plain words. */
export function plain(value: unknown): string {
  if (value === null || value === undefined || value === '') return '—'
  if (Array.isArray(value)) return value.map(plain).join(', ')
  if (typeof value === 'object') return JSON.stringify(value)
  return String(value)
}
