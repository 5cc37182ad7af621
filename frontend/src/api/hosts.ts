import { BLANK, http, urlOf, type Query } from './http'
import type { components } from './schema'
import type { Host, Page } from './types'

type Schemas = components['schemas']
export type HostInput = Schemas['HostInputRequest']
export type HostChange = Schemas['PatchedHostChangeInputRequest']
export type ImportOutcome = Schemas['HostImportOutput']
export type HostImpact = Schemas['HostImpactOutput']
export type HostTotals = Schemas['HostTotals']
export type Inventory = Schemas['InventoryOutput']

/** Filters of the host list; '' means no filter. */
export const HOST_FILTERS = ['q', 'group', 'label', 'site', 'check', 'disabled'] as const
export type HostFilters = Partial<Record<(typeof HOST_FILTERS)[number], string>>
export type HostQuery = HostFilters & {
  limit?: number
  cursor?: string | null
  total?: 'true'
  /** Exactly these names, separated by commas; at most 100. */
  names?: string
  /** Only hosts that my tickets may target. */
  targetable?: 'true'
}

/** Stands for the main site, whose name is empty; '' would mean no filter. */
export const MAIN_SITE = '-'
const asked = (query: HostQuery): Query => ({
  ...query,
  site: query.site === MAIN_SITE ? BLANK : query.site,
})
const at = (name: string) => `hosts/${encodeURIComponent(name)}`

function fileOf(file: File): FormData {
  const body = new FormData()
  body.append('file', file, file.name)
  return body
}

export const hosts = {
  list: (query: HostQuery = {}, signal?: AbortSignal) =>
    http.get<Page<Host> & { totals?: HostTotals }>('hosts', { query: asked(query), signal }),
  inventory: () => http.get<Inventory>('inventory'),
  get: (name: string) => http.get<Host>(at(name)),
  add: (body: HostInput, key: string) => http.post<Host>('hosts', { body, key }),
  change: (name: string, body: HostChange, key: string) =>
    http.patch<Host>(at(name), { body, key }),
  /** Ask for a check of these hosts; the executor stores the result on each host. */
  check: (names: string[], key: string) =>
    http.post<{ asked: number }>('hosts/check', { body: { names }, key }),
  impact: (name: string) => http.get<HostImpact>(`${at(name)}/impact`),
  /** Also while open tickets or jobs use it: the dialog has shown which. */
  remove: (name: string, key: string) => http.delete(at(name), { query: { force: true }, key }),
  /** The file is sent unchanged, because only the server can detect its encoding. `dryRun` only reports the changes. */
  import: (from: File | string, dryRun: boolean, key: string) =>
    typeof from === 'string'
      ? http.post<ImportOutcome>('hosts/import', { body: { text: from, dry_run: dryRun }, key })
      : http.post<ImportOutcome>('hosts/import', {
          body: fileOf(from),
          query: { dry_run: dryRun },
          key,
        }),
  exportUrl: (format: 'ini' | 'csv', filters: HostFilters) =>
    urlOf('hosts/export', { ...asked(filters), format }),
}
