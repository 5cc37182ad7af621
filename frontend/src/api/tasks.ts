import { http } from './http'
import type { Decision, FormValues, SignPosition, TaskVerb, Ticket } from './types'

/** The state that was on the screen when the person decided. */
export interface Seen {
  ticket_version: number
  digest?: string
}

/** Additional input of a verb, besides the comment. */
export interface Extras {
  /** Fields changed together with an approval or a confirmation. */
  form?: FormValues
  /** The target of a return: a node, or `applicant`. */
  to?: string
  resume?: 'here' | 'restart'
  users?: string[]
  position?: SignPosition
}

/** A task of a bulk decision, with the state that its row showed. */
export type BulkItem = { id: number } & Seen

export interface BulkResult {
  id: number
  ok: boolean
  code?: string
}

export const tasks = {
  decide: (id: number, verb: Decision, body: { comment: string } & Seen & Extras, key: string) =>
    http.post<Ticket>(`tasks/${id}/${verb}`, { body, key }),
  /** Changes who signs; this is not a decision. */
  seat: (
    id: number,
    verb: Exclude<TaskVerb, Decision>,
    body: { comment: string } & Extras,
    key: string,
  ) => http.post<Ticket>(`tasks/${id}/${verb}`, { body, key }),
  bulk: (items: BulkItem[], action: Decision, comment: string, key: string) =>
    http.post<BulkResult[]>('tasks/bulk', { body: { items, action, comment }, key }),
}
