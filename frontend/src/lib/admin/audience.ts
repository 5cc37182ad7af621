/** Who may do something: everyone, or departments, roles and people by name. */

export type AudienceEntry =
  'everyone' | { department: string } | { role: string } | { user: string }
export const SORTS = ['department', 'role', 'user'] as const
export type Sort = (typeof SORTS)[number]
export type Named = Record<Sort, string[]>

export const isForAll = (entries: readonly unknown[]): boolean => entries.includes('everyone')

/** The names in an audience by kind; invalid entries are left out. */
export function namesIn(entries: readonly unknown[]): Named {
  const found: Named = { department: [], role: [], user: [] }
  for (const entry of entries) {
    if (typeof entry !== 'object' || entry === null) continue
    for (const sort of SORTS) {
      const name = (entry as Record<string, unknown>)[sort]
      if (typeof name === 'string') found[sort].push(name)
    }
  }
  return found
}

export const audienceOf = (named: Named): AudienceEntry[] =>
  SORTS.flatMap((sort) => named[sort].map((name) => ({ [sort]: name }) as AudienceEntry))
