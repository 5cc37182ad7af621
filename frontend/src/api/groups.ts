import { http } from './http'
import type { components } from './schema'
import type { Page } from './types'

type Schemas = components['schemas']
export type Group = Schemas['GroupOutput']
export type GroupInput = Schemas['GroupInputRequest']
export type GroupChange = Schemas['PatchedGroupChangeInputRequest']

const at = (name: string) => `groups/${encodeURIComponent(name)}`

export const groups = {
  list: () => http.get<Page<Group>>('groups'),
  add: (body: GroupInput, key: string) => http.post<Group>('groups', { body, key }),
  change: (name: string, body: GroupChange, key: string) =>
    http.patch<Group>(at(name), { body, key }),
  remove: (name: string, key: string) => http.delete(at(name), { key }),
  members: (name: string, add: string[], remove: string[], key: string) =>
    http.post<Group>(`${at(name)}/hosts`, { body: { add, remove }, key }),
}
