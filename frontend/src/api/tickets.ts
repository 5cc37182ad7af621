import { http } from './http'
import type { components } from './schema'
import type {
  Chosen,
  Foreseen,
  FormValues,
  Page,
  People,
  Priority,
  Ticket,
  TicketEvent,
  TicketRow,
} from './types'

export type MachineView = components['schemas']['MachineOutput']
export type Box = 'todo' | 'done' | 'mine' | 'cc' | 'all'

export interface TicketQuery {
  box: Box
  q?: string
  state?: string
  template?: string
  stuck?: string
  limit?: number
  cursor?: string | null
}

export interface NewTicket {
  template: string
  title?: string
  form: FormValues
  priority?: Priority
  chosen?: Chosen
  /** Save a draft: nobody is asked, and required fields may be empty. */
  draft?: boolean
}

/** The submitted data: the form, and the people that the applicant chose for nodes. */
export interface HandIn {
  form: FormValues
  chosen?: Chosen
}

/** The data of a draft besides its form. */
export interface DraftParts {
  title?: string
  priority?: Priority
}

const at = (number: string) => `tickets/${encodeURIComponent(number)}`

export const tickets = {
  list: (query: TicketQuery) => http.get<Page<TicketRow>>('tickets', { query: { ...query } }),
  get: (number: string) => http.get<Ticket>(at(number)),
  events: (number: string, cursor?: string | null) =>
    http.get<Page<TicketEvent> & { people: People }>(`${at(number)}/events`, {
      query: { limit: 100, cursor },
    }),
  create: (body: NewTicket, key: string) => http.post<Ticket>('tickets', { body, key }),
  keep: (number: string, body: HandIn & DraftParts) => http.patch<Ticket>(at(number), { body }),
  submit: (number: string, body: HandIn & DraftParts, key: string) =>
    http.post<Ticket>(`${at(number)}/submit`, { body, key }),
  copy: (number: string, key: string) => http.post<Ticket>(`${at(number)}/copy`, { key }),
  resubmit: (number: string, body: HandIn, key: string) =>
    http.post<Ticket>(`${at(number)}/resubmit`, { body, key }),
  withdraw: (number: string, comment: string, key: string) =>
    http.post<Ticket>(`${at(number)}/withdraw`, { body: { comment }, key }),
  remind: (number: string, key: string) =>
    http.post<unknown>(`${at(number)}/remind`, { body: {}, key }),
  comment: (number: string, text: string, key: string) =>
    http.post<unknown>(`${at(number)}/comments`, { body: { text }, key }),
  watch: (number: string, users: string[], key: string) =>
    http.post<Ticket>(`${at(number)}/watch`, { body: { users }, key }),
  reassign: (number: string, node: string, users: string[], comment: string, key: string) =>
    http.post<Ticket>(`${at(number)}/reassign`, { body: { node, users, comment }, key }),
  dryRun: (number: string, node: string, key: string) =>
    http.post<Ticket>(`${at(number)}/plans/${encodeURIComponent(node)}/dry_run`, { body: {}, key }),
  foreseen: (number: string, node: string) =>
    http.get<Foreseen>(`${at(number)}/plans/${encodeURIComponent(node)}/diff`),
  /** A plan as it is executed: arguments, files, values. */
  machine: (number: string, node: string) =>
    http.get<MachineView>(`${at(number)}/plans/${encodeURIComponent(node)}/machine`),
  rate: (number: string, score: number, comment: string, key: string) =>
    http.post<unknown>(`${at(number)}/rate`, { body: { score, comment }, key }),
}
