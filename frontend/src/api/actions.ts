import { http } from './http'
import type { components } from './schema'
import type { Page } from './types'

type Schemas = components['schemas']
export type Action = Schemas['ActionOutput']
export type ActionDetail = Schemas['ActionDetailOutput']
export type ActionVersion = Schemas['ActionVersionOutput']
export type ActionVersionDetail = Schemas['ActionVersionDetailOutput']
export type ActionFile = Schemas['ActionFileOutput']
export type ActionSync = Schemas['SyncOutput']

const at = (key: string) => `actions/${encodeURIComponent(key)}`
const versionAt = (key: string, version: string) =>
  `${at(key)}/versions/${encodeURIComponent(version)}`

export const actions = {
  /** `all`, for users who release: also actions that no ticket may use now. */
  list: (all: boolean) =>
    http.get<Page<Action>>('actions', { query: { all: all ? 'true' : undefined } }),
  get: (key: string) => http.get<ActionDetail>(at(key)),
  /** With `against`: also the changes from that version to this one. */
  version: (key: string, version: string, against?: string) =>
    http.get<ActionVersionDetail>(versionAt(key, version), { query: { against } }),
  release: (key: string, version: string, note: string, idempotency: string) =>
    http.post<ActionVersionDetail>(`${versionAt(key, version)}/release`, {
      body: { note },
      key: idempotency,
    }),
  withdraw: (key: string, version: string, note: string, recall: boolean, idempotency: string) =>
    http.post<ActionVersionDetail>(`${versionAt(key, version)}/withdraw`, {
      body: { note, recall },
      key: idempotency,
    }),
  syncs: () => http.get<Page<ActionSync>>('actions/sync'),
  sync: (idempotency: string) =>
    http.post<ActionSync>('actions/sync', { body: {}, key: idempotency }),
}
