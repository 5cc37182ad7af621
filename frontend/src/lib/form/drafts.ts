import type { FormValues } from '@/api/types'

/**
 * Half-filled forms, in this page's memory only: a log-in in between, or a look at another page,
 * loses no typing, and nothing is left on a shared machine.
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
