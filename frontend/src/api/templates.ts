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

/** The input of a simulation, before a ticket exists. */
export interface Question {
  form: FormValues
  chosen?: Chosen
  priority?: Priority
  /** The template version of a ticket that was submitted before; the published one by default. */
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
