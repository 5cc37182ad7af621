import { http } from './http'
import type {
  Chosen,
  FormValues,
  Page,
  Priority,
  Simulation,
  Template,
  TemplateSummary,
} from './types'

/** What a chain is asked about before there is a ticket. */
export interface Question {
  form: FormValues
  chosen?: Chosen
  priority?: Priority
  /** The version of a ticket that was handed in before; the published one where it is left out. */
  version?: number
}

export const templates = {
  list: (query: { q?: string; limit?: number; cursor?: string | null } = {}) =>
    http.get<Page<TemplateSummary>>('templates', { query }),
  get: (key: string) => http.get<Template>(`templates/${encodeURIComponent(key)}`),
  simulate: (key: string, question: Question, signal?: AbortSignal) =>
    http.post<Simulation>(`templates/${encodeURIComponent(key)}/simulate`, {
      body: question,
      signal,
    }),
}
