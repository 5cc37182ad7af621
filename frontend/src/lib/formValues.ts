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

function isEmpty(value: unknown): boolean {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && !value.length)
  )
}

/** An emptied field is a missing one, as it was before anybody typed. */
export function withoutEmpty(values: FormValues): FormValues {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !isEmpty(value)))
}

/** What is handed in: fields that are shown, without the empty ones. */
export function sentValues(values: FormValues, shown: Field[]): FormValues {
  const keys = new Set(shown.map((field) => field.key))
  return withoutEmpty(Object.fromEntries(Object.entries(values).filter(([key]) => keys.has(key))))
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

/** The field that a problem's path speaks of: `form.hosts[2]` is about `hosts`; empty if none. */
export function fieldOf(path: string): string {
  return /^form\.([^.[]+)/.exec(path)?.[1] ?? ''
}
