import type { CredentialKind } from '@/api/credentials'

export interface SecretField {
  key: string
  optional?: boolean
  /** A text of several lines, such as a key. */
  isLong?: boolean
  /** May be shown again, such as a username; everything else is a password input. */
  isOpen?: boolean
  /** The allowed values, if there are only a few. */
  initial?: string
}

/** The fields of each kind of credential. */
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

/** The filled-in fields; a key keeps its final line break, which programs need. */
export function secretOf(kind: CredentialKind, typed: Record<string, string>) {
  const filled = KINDS[kind].filter(({ key, optional }) => typed[key] || !optional)
  return Object.fromEntries(
    filled.map(({ key, isLong }) => {
      const value = typed[key] ?? ''
      return [key, isLong && value ? `${value.trimEnd()}\n` : value]
    }),
  )
}
