import { http, urlOf } from './http'
import type { components } from './schema'
import type { Foreseen, Job, JobRow, LogPart, Page } from './types'

export type LogMatches = components['schemas']['JobLogSearchOutput']
export type Tick = components['schemas']['TickInputStatusEnum']
/** Filters of the list of runs. */
export const JOB_FILTERS = [
  'state',
  'ticket',
  'host',
  'action',
  'created_from',
  'created_to',
  'queue',
] as const
export type JobQuery = Partial<Record<(typeof JOB_FILTERS)[number], string>> & {
  limit?: number
  cursor?: string | null
}

export const jobs = {
  list: (query: JobQuery) => http.get<Page<JobRow>>('jobs', { query: { ...query } }),
  get: (id: number) => http.get<Job>(`jobs/${id}`),
  log: (id: number, offset: number) => http.get<LogPart>(`jobs/${id}/log`, { query: { offset } }),
  /** The lines of the whole log that contain this text, each with its offset. */
  searchLog: (id: number, q: string) =>
    http.get<LogMatches>(`jobs/${id}/log/search`, { query: { q } }),
  /** The download URL of the whole log. */
  logFile: (id: number) => urlOf(`jobs/${id}/log/download`),
  /** The changes that the last dry run of its plan predicts. */
  foreseen: (id: number) => http.get<Foreseen>(`jobs/${id}/diff`),
  dryRun: (id: number, key: string) => http.post<Foreseen>(`jobs/${id}/dry_run`, { body: {}, key }),
  /** The plan's own rollback, on the hosts that were touched. */
  rollback: (id: number, comment: string, key: string) =>
    http.post<Job>(`jobs/${id}/rollback`, { body: { comment }, key }),
  cancel: (id: number, key: string) => http.post<Job>(`jobs/${id}/cancel`, { body: {}, key }),
  pause: (id: number, key: string) => http.post<Job>(`jobs/${id}/pause`, { key }),
  resume: (id: number, comment: string, key: string) =>
    http.post<Job>(`jobs/${id}/resume`, { body: { comment }, key }),
  rerun: (id: number, hosts: 'failed' | 'all', comment: string, key: string) =>
    http.post<Job>(`jobs/${id}/rerun`, { body: { hosts, comment }, key }),
  tick: (id: number, host: string, status: Tick, comment: string, key: string) =>
    http.post<Job>(`jobs/${id}/hosts/${encodeURIComponent(host)}`, {
      body: { status, comment },
      key,
    }),
  resolve: (id: number, comment: string, key: string) =>
    http.post<Job>(`jobs/${id}/resolve`, { body: { comment }, key }),
}
