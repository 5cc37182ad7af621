import { http } from './http'
import type { Decision, FormValues, SignPosition, TaskVerb, Ticket } from './types'

/** What was on the screen when somebody decided. */
export interface Seen {
  ticket_version: number
  digest?: string
}

/** What goes with a verb beside the words. */
export interface Extras {
  /** Fields changed along with an approval or a confirmation. */
  form?: FormValues
  /** A return: a node, or `applicant`. */
  to?: string
  resume?: 'here' | 'restart'
  users?: string[]
  position?: SignPosition
}

/** A task of a bulk decision, with what its row showed. */
export type BulkItem = { id: number } & Seen

export interface BulkResult {
  id: number
  ok: boolean
  code?: string
}

export const tasks = {
  decide: (id: number, verb: Decision, body: { comment: string } & Seen & Extras, key: string) =>
    http.post<Ticket>(`tasks/${id}/${verb}`, { body, key }),
  /** Says who else is to sign, or no longer; nothing is decided by it. */
  seat: (
    id: number,
    verb: Exclude<TaskVerb, Decision>,
    body: { comment: string } & Extras,
    key: string,
  ) => http.post<Ticket>(`tasks/${id}/${verb}`, { body, key }),
  bulk: (items: BulkItem[], action: Decision, comment: string, key: string) =>
    http.post<BulkResult[]>('tasks/bulk', { body: { items, action, comment }, key }),
}
