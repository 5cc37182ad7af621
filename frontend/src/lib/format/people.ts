import type { People } from '@/api/types'

export const nameOf = (people: People, username: string | null | undefined): string =>
  username ? (people[username]?.name ?? username) : ''
