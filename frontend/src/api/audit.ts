import type { components } from './schema'

import { http, urlOf } from './http'
import type { Page } from './types'

export type AuditRun = components['schemas']['AuditRunOutput']
/** Filters of the record of runs. */
export const AUDIT_FILTERS = [
  'host',
  'action',
  'ticket',
  'actor',
  'from',
  'to',
  'dry_runs',
] as const
export type AuditQuery = Partial<Record<(typeof AUDIT_FILTERS)[number], string>>

export const audit = {
  runs: (query: AuditQuery & { limit?: number; cursor?: string | null }) =>
    http.get<Page<AuditRun>>('audit/runs', { query: { ...query } }),
  /** The download URL of the filtered record. */
  file: (query: AuditQuery, format: 'csv' | 'xlsx') =>
    urlOf('audit/runs/export', { ...query, format }),
}
