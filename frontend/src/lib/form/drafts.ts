import type { FormValues } from '@/api/types'

/**
 * Unfinished forms, only in this page's memory: a log-in in between, or a visit to another page, loses no
 * input, and nothing is left on a shared machine.
 */
const drafts = new Map<string, FormValues>()

export const draftOf = (template: string): FormValues | undefined => drafts.get(template)

export function keepDraft(template: string, values: FormValues): void {
  drafts.set(template, { ...values })
}

export function dropDraft(template: string): void {
  drafts.delete(template)
}

export function forgetDrafts(): void {
  drafts.clear()
}
