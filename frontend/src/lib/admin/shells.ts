import type { FactName, Fill, Fills } from '@/api/shells'
import type { Field } from '@/api/types'
import { i18n } from '@/i18n'
import type { Text } from '@/lib/format/text'
import { text } from '@/lib/format/text'

const FACTS: FactName[] = ['command', 'host', 'user', 'source', 'at', 'session', 'word', 'all']
const FITS: Record<string, FactName[]> = {
  text: FACTS,
  textarea: FACTS,
  markdown: FACTS,
  hosts: ['host'],
  date: ['at'],
  datetime: ['at'],
}

/** The facts of an alarm that can fill a field of this type. */
export const factsFor = (field: Field): FactName[] => FITS[field.type] ?? []

/** The default filling of a field in a new rule: required fields get the best match. */
export function firstFill(field: Field): Fill | null {
  if (!field.required || field.visible_when || field.default !== undefined) return null
  const facts = factsFor(field)
  if (facts.includes('all')) return { from: field.type === 'text' ? 'command' : 'all' }
  return facts[0] ? { from: facts[0] } : { value: undefined }
}

/** Only the fields that are filled, and only those that the template has. */
export function kept(fills: Record<string, Fill | null>, fields: Field[]): Fills {
  const known = new Set(fields.map(({ key }) => key))
  return Object.fromEntries(
    Object.entries(fills).filter(([key, fill]) => fill && known.has(key)),
  ) as Fills
}

/** What went wrong; for a code without a text of its own, the template's or form's message. */
export function problemWords(problem: string, detail: Text = ''): string {
  if (!problem) return ''
  const { t, te } = i18n.global
  const key = `admin.shells.problem.${problem}`
  if (te(key)) return t(key)
  return t('admin.shells.problem.refused', { why: text(detail) || problem })
}
