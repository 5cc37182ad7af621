import type { Field, FieldOption, FormValues } from '@/api/types'

import { text } from './text'

export const LISTS = new Set(['hosts', 'multiselect', 'checkbox', 'users'])

/** What a fresh form holds: the defaults, and nothing where there is none. */
export function startValues(fields: Field[], kept: FormValues = {}): FormValues {
  const values: FormValues = {}
  for (const field of fields) {
    const fallback = LISTS.has(field.type) ? [] : field.type === 'switch' ? false : undefined
    values[field.key] = kept[field.key] ?? field.default ?? fallback
  }
  return values
}

/** What is sent: only fields that are shown, without the empty ones. */
export function sentValues(values: FormValues, shown: Field[]): FormValues {
  const sent: FormValues = {}
  for (const { key } of shown) {
    const value = values[key]
    if (value === undefined || value === null || value === '') continue
    if (Array.isArray(value) && value.length === 0) continue
    sent[key] = value
  }
  return sent
}

/** The fields to show: the server's word, or before it spoke, those that need no condition. */
export function shownFields(fields: Field[], visible: string[] | null): Field[] {
  return fields.filter((field) => (visible ? visible.includes(field.key) : !field.visible_when))
}

export function optionValue(option: FieldOption): string {
  return typeof option === 'string' ? option : option.value
}

export function optionLabel(option: FieldOption): string {
  return typeof option === 'string' ? option : text(option.label)
}
