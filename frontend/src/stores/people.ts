import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'

import { directory, type Person } from '@/api/directory'
import type { People } from '@/api/types'

/** Username → person, for the people that this page has seen. */
export const usePeople = defineStore('people', () => {
  const names = shallowReactive(new Map<string, string>())
  const asked = new Set<string>()

  /** Names that came with a response. */
  function learn(people: People): void {
    for (const [username, { name }] of Object.entries(people)) names.set(username, name)
  }

  async function search(q: string, signal?: AbortSignal): Promise<Person[]> {
    const found = (await directory.users(q, signal)).results
    for (const { username, name } of found) names.set(username, name)
    return found
  }

  /** The name; the username until the directory has answered, or if it is unknown. */
  function nameOf(username: string): string {
    const name = names.get(username)
    if (name === undefined && !asked.has(username)) {
      asked.add(username)
      search(username).catch(() => asked.delete(username))
    }
    return name || username
  }

  return { learn, search, nameOf }
})
