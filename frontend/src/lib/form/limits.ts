import type { Field } from '@/api/types'
import { i18n } from '@/i18n'
import { grouped } from '@/lib/format/money'
import { text } from '@/lib/format/text'

/** `from–to`, or the one limit; empty without limits. */
function range(low: string | undefined, high: string | undefined, unit: string): string {
  const { t } = i18n.global
  if (low !== undefined && low === high) return t('limit.exactly', { n: low, unit }).trim()
  if (low !== undefined && high !== undefined) return t('limit.between', { low, high, unit }).trim()
  if (low !== undefined) return t('limit.atLeast', { n: low, unit }).trim()
  return high === undefined ? '' : t('limit.atMost', { n: high, unit }).trim()
}

const words = (limit: number | undefined) => (limit === undefined ? undefined : String(limit))

const ofAmount = (field: Field): string => {
  const { t } = i18n.global
  const show = (limit?: number) =>
    limit === undefined ? undefined : field.type === 'money' ? grouped(limit, field) : String(limit)
  const decimals = field.precision ?? 0
  const kind =
    field.type === 'money'
      ? ''
      : decimals
        ? t('limit.decimals', { n: decimals }, decimals)
        : t('limit.whole')
  return [range(show(field.min), show(field.max), text(field.unit)), kind]
    .filter(Boolean)
    .join(t('limit.and'))
}

/** The number that decides between singular and plural: one row, two rows. */
const countOf = (field: Field) => field.max_items ?? field.min_items ?? 2

function ofFiles(field: Field): string {
  const { t } = i18n.global
  return [
    range(words(field.min_items), words(field.max_items), t('limit.files', countOf(field))),
    field.max_size_mb ? t('limit.size', { n: field.max_size_mb }) : '',
    field.accept ? t('limit.types', { types: field.accept.join(' ') }) : '',
  ]
    .filter(Boolean)
    .join(t('limit.and'))
}

const ITEMS: Record<string, string> = {
  users: 'limit.people',
  hosts: 'limit.hosts',
  table: 'limit.rows',
  multiselect: 'limit.items',
  checkbox: 'limit.items',
}
const WORDS = new Set(['text', 'textarea', 'markdown'])

/** The limits of the field in one line, shown in advance. Empty if there are none. */
export function limitWords(field: Field): string {
  const { t } = i18n.global
  if (field.type === 'attachment') return ofFiles(field)
  if (field.type === 'number' || field.type === 'money') return ofAmount(field)
  if (field.type === 'daterange')
    return field.max_days
      ? t('limit.atMost', { n: field.max_days, unit: t('limit.days', field.max_days) })
      : ''
  if (WORDS.has(field.type))
    return range(words(field.min_length), words(field.max_length), t('limit.characters'))
  const unit = ITEMS[field.type]
  return unit ? range(words(field.min_items), words(field.max_items), t(unit, countOf(field))) : ''
}
