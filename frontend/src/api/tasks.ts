import { http } from './http'
import type { TaskVerb, Ticket } from './types'

export interface Decision {
  comment: string
  ticket_version: number
  digest?: string
}

export const tasks = {
  decide: (id: number, verb: TaskVerb, body: Decision, key: string) =>
    http.post<Ticket>(`tasks/${id}/${verb}`, { body, key }),
}
