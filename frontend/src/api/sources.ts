import { http } from './http'
import type { components } from './schema'
import type { Page } from './types'

type Schemas = components['schemas']
export type Source = Schemas['InventorySourceOutput']
export type SourceKind = Source['kind']
export type SourceInput = Schemas['SourceInputRequest']
export type SourceReading = Schemas['InventoryRunOutput']
export type SourceReadingDetail = Schemas['InventoryRunDetailOutput']

export const SOURCE_KINDS: SourceKind[] = ['ansible', 'table', 'salt']
/** Whether its executor has not read it yet, or is reading it. */
export const isBeingRead = (run: Pick<SourceReading, 'state'> | null): boolean =>
  run?.state === 'waiting' || run?.state === 'running'

/** Sources for regular imports: what they read, how often, and the result of each reading. */
export const sources = {
  list: () => http.get<Page<Source>>('inventory/sources'),
  add: (body: SourceInput, key: string) => http.post<Source>('inventory/sources', { body, key }),
  change: (id: number, body: SourceInput, key: string) =>
    http.patch<Source>(`inventory/sources/${id}`, { body, key }),
  remove: (id: number, key: string) => http.delete(`inventory/sources/${id}`, { key }),
  /** Read it now; `apply`: also apply its additions and changes. */
  read: (id: number, apply: boolean, key: string) =>
    http.post<SourceReading>(`inventory/sources/${id}/run`, { body: { apply }, key }),
  reading: (id: number) => http.get<SourceReadingDetail>(`inventory/runs/${id}`),
}
