import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

import { directory, type Role } from '@/api/directory'
import { text } from '@/lib/format/text'

/** Role key → name, loaded once when a page first needs them. */
export const useRoles = defineStore('roles', () => {
  const known = shallowRef<Map<string, Role> | null>(null)
  let asked: Promise<void> | null = null

  async function fetchAll(): Promise<void> {
    const page = await directory.roles()
    known.value = new Map(page.results.map((one) => [one.key, one]))
  }
  /** Rejects with the ApiError if loading fails; the next call tries again. */
  function load(): Promise<void> {
    asked ??= fetchAll().catch((thrown: unknown) => {
      asked = null
      throw thrown
    })
    return asked
  }

  /** The name; nothing before the names are loaded. */
  function nameOf(key: string): string {
    load().catch(() => undefined)
    return text(known.value?.get(key)?.name)
  }
  async function all(): Promise<Role[]> {
    await load()
    return [...(known.value?.values() ?? [])]
  }
  return { nameOf, all }
})
