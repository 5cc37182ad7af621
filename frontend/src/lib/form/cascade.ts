import type { CascadeOption, Field } from '@/api/types'
import { text } from '@/lib/format/text'

export const cascadeOptions = (field: Field): CascadeOption[] =>
  (field.options ?? []) as CascadeOption[]

export const cascadeLabel = (option: CascadeOption): string => text(option.label) || option.value

/** The options at each level of the path, and those below its end, for the columns. */
export function columnsOf(options: CascadeOption[], way: readonly string[]): CascadeOption[][] {
  const columns = [options]
  for (const value of way) {
    const below = columns.at(-1)?.find((option) => option.value === value)?.children
    if (!below?.length) break
    columns.push(below)
  }
  return columns
}

/** The labels along a path; for an option that no longer exists, its value. */
export function labelsOf(options: CascadeOption[], way: readonly string[]): string[] {
  let level: CascadeOption[] = options
  return way.map((value) => {
    const step = level.find((option) => option.value === value)
    level = step?.children ?? []
    return step ? cascadeLabel(step) : value
  })
}
