import type { Field, FieldOption, FormValues } from '@/api/types'
import { text } from '@/lib/format/text'

/** Fields whose value is a list. */
export const LISTS = new Set([
  'hosts',
  'multiselect',
  'checkbox',
  'users',
  'attachment',
  'table',
  'cascade',
])

/** A default as a value; nothing for an expression, which only the server evaluates. */
export function literalDefault(field: Field): unknown {
  const given = field.default
  return isComputed(field) ? undefined : given
}

export function isComputed({ type, default: given }: Field): boolean {
  return (
    typeof given === 'object' && given !== null && !Array.isArray(given) && type !== 'daterange'
  )
}

/** The value of a field before anybody touched it. */
function startValue(field: Field): unknown {
  const fallback = LISTS.has(field.type) ? [] : field.type === 'switch' ? false : undefined
  return literalDefault(field) ?? fallback
}

/** The values of a new form: the defaults, and nothing for fields without one. */
export function startValues(fields: Field[], kept: FormValues = {}): FormValues {
  return Object.fromEntries(
    fields.map((field) => [field.key, kept[field.key] ?? startValue(field)]),
  )
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && !value.length)
  )
}

function withoutEmptyCells(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return value.map((row: unknown) =>
    typeof row === 'object' && row !== null ? withoutEmpty(row as FormValues) : row,
  )
}

/** An emptied field or cell is a missing one, as before anybody typed. */
export function withoutEmpty(values: FormValues): FormValues {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => !isEmpty(value))
      .map(([key, value]) => [key, withoutEmptyCells(value)]),
  )
}

/**
 * What is sent to the server: the visible, filled-in fields. If the server has a default, an emptied field is sent
 * as empty, otherwise the default would come back; `untouched` fields are left to the server.
 */
export function sentValues(
  values: FormValues,
  shown: Field[],
  untouched: ReadonlySet<string> = new Set(),
): FormValues {
  const filled = withoutEmpty(values)
  const told = shown.filter(({ key }) => !untouched.has(key))
  return Object.fromEntries(
    told.flatMap((field): [string, unknown][] => {
      if (field.key in filled) return [[field.key, filled[field.key]]]
      return field.default === undefined ? [] : [[field.key, null]]
    }),
  )
}

/** The visible fields: as the server answered, or before that, those without a condition. */
export function shownFields(fields: Field[], visible: string[] | null): Field[] {
  return fields.filter((field) => (visible ? visible.includes(field.key) : !field.visible_when))
}

export function optionValue(option: FieldOption): string {
  return typeof option === 'string' ? option : option.value
}

export function optionLabel(option: FieldOption): string {
  return typeof option === 'string' ? option : text(option.label)
}

/** The field of a problem's path: `form.hosts[2]` is about `hosts`; empty if there is none. */
export function fieldOf(path: string): string {
  return /^form\.([^.[]+)/.exec(path)?.[1] ?? ''
}
