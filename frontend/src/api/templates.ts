import { http } from './http'
import type { FormValues, Page, Simulation, Template, TemplateSummary } from './types'

export const templates = {
  list: (query: { q?: string; limit?: number; cursor?: string | null } = {}) =>
    http.get<Page<TemplateSummary>>('templates', { query }),
  get: (key: string) => http.get<Template>(`templates/${encodeURIComponent(key)}`),
  simulate: (key: string, form: FormValues, signal?: AbortSignal) =>
    http.post<Simulation>(`templates/${encodeURIComponent(key)}/simulate`, {
      body: { form },
      signal,
    }),
}
