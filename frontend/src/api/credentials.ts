import type { components } from './schema'

import { http } from './http'
import type { Page } from './types'

type Schemas = components['schemas']
export type Credential = Schemas['CredentialOutput']
export type CredentialInput = Schemas['CredentialInputRequest']
export type CredentialChange = Schemas['PatchedCredentialChangeRequest']
export type CredentialKind = Credential['kind']

const at = (name: string) => `credentials/${encodeURIComponent(name)}`

/** Credentials can be stored, changed and removed; their secrets cannot be read. */
export const credentials = {
  list: () => http.get<Page<Credential>>('credentials'),
  add: (body: CredentialInput, key: string) => http.post<Credential>('credentials', { body, key }),
  change: (name: string, body: CredentialChange) => http.patch<Credential>(at(name), { body }),
  remove: (name: string) => http.delete(at(name)),
}
