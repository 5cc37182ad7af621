import type { CredentialKind } from '@/api/credentials'

export interface SecretField {
  key: string
  optional?: boolean
  /** A text of several lines, as a key is. */
  isLong?: boolean
  /** May be seen again, as a user's name; all else is typed blind. */
  isOpen?: boolean
  /** Where it may only be one of a few. */
  initial?: string
}

/** What each kind of credential consists of. */
export const KINDS: Record<CredentialKind, SecretField[]> = {
  ssh_key: [
    { key: 'private_key', isLong: true },
    { key: 'passphrase', optional: true },
  ],
  password: [{ key: 'username', isOpen: true }, { key: 'password' }],
  vault_password: [{ key: 'password' }],
  salt_api: [
    { key: 'username', isOpen: true },
    { key: 'password' },
    { key: 'eauth', isOpen: true, initial: 'pam' },
  ],
  token: [{ key: 'token' }],
}

/** The fields that were filled in; a key keeps its last line's end, which its readers want. */
export function secretOf(kind: CredentialKind, typed: Record<string, string>) {
  const filled = KINDS[kind].filter(({ key, optional }) => typed[key] || !optional)
  return Object.fromEntries(
    filled.map(({ key, isLong }) => {
      const value = typed[key] ?? ''
      return [key, isLong && value ? `${value.trimEnd()}\n` : value]
    }),
  )
}
