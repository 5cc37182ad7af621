import type { Field, FormValues } from '@/api/types'

export interface FieldChange {
  field: string
  before: unknown
  after: unknown
}

/** Empty and missing values are equal: an untouched field has not changed. */
function canonical(value: unknown): string {
  const isEmpty =
    value === undefined || value === null || value === '' || (Array.isArray(value) && !value.length)
  return isEmpty ? '' : JSON.stringify(value)
}

/** The changed values; an emptied field is null. */
export function changedFields(fields: Field[], before: FormValues, after: FormValues): FormValues {
  const changed = fields.filter(({ key }) => canonical(before[key]) !== canonical(after[key]))
  return Object.fromEntries(
    changed.map(({ key }) => [key, canonical(after[key]) === '' ? null : after[key]]),
  )
}
