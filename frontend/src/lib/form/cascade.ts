import type { CascadeOption, Field } from '@/api/types'
import { text } from '@/lib/format/text'

export const cascadeOptions = (field: Field): CascadeOption[] =>
  (field.options ?? []) as CascadeOption[]

export const cascadeLabel = (option: CascadeOption): string => text(option.label) || option.value

/** The options beside each step of the way, and those below its end: what the columns show. */
export function columnsOf(options: CascadeOption[], way: readonly string[]): CascadeOption[][] {
  const columns = [options]
  for (const value of way) {
    const below = columns.at(-1)?.find((option) => option.value === value)?.children
    if (!below?.length) break
    columns.push(below)
  }
  return columns
}

/** The labels along a way; a step the options no longer know is called by its value. */
export function labelsOf(options: CascadeOption[], way: readonly string[]): string[] {
  let level: CascadeOption[] = options
  return way.map((value) => {
    const step = level.find((option) => option.value === value)
    level = step?.children ?? []
    return step ? cascadeLabel(step) : value
  })
}
