import type { FieldProblem } from './errors'
import { http } from './http'
import type { components } from './schema'
import type { Page } from './types'

type Schemas = components['schemas']
export type StudioTemplate = Schemas['StudioTemplateOutput']
export type Draft = Schemas['DraftOutput']
export type TemplateVersion = Schemas['VersionOutput']
export type Publication = Schemas['PublishOutput']
export interface CheckResult {
  ok: boolean
  errors: FieldProblem[]
  warnings: FieldProblem[]
}
/** What is published: a version, or the draft; now, or at a time. */
export interface Publishing {
  version?: number
  draft?: boolean
  note?: string
  at?: string
}

const YAML = 'application/yaml'
const at = (key: string) => `templates/${encodeURIComponent(key)}`

export const studio = {
  list: () => http.get<Page<StudioTemplate>>('studio/templates'),
  draft: (key: string) => http.get<Draft>(`${at(key)}/draft`),
  /** Refused with 412 `changed_meanwhile` if the stored revision is another one. */
  keep: (key: string, source: string, revision: number) =>
    http.put<Draft>(`${at(key)}/draft`, { body: source, type: YAML, match: revision }),
  discard: (key: string, revision: number) => http.delete(`${at(key)}/draft`, { match: revision }),
  check: (source: string, signal?: AbortSignal) =>
    http.post<CheckResult>('templates/check', { body: source, type: YAML, signal }),
  versions: (key: string) => http.get<Page<TemplateVersion>>(`${at(key)}/versions`),
  changes: (key: string, from: number, to: number) =>
    http.get<Schemas['DiffOutput']>(`${at(key)}/diff`, { query: { from, to } }),
  publish: (key: string, what: Publishing, revision: number | undefined, idempotency: string) =>
    http.post<Publication>(`${at(key)}/publish`, {
      body: what,
      match: revision,
      key: idempotency,
    }),
  unschedule: (key: string) => http.delete(`${at(key)}/publish`),
  retire: (key: string, note: string, idempotency: string) =>
    http.post<Schemas['RetireOutput']>(`${at(key)}/retire`, { body: { note }, key: idempotency }),
}
