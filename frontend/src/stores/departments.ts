import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

import { directory, type Department } from '@/api/directory'

/** Department key → name, loaded once when a page first needs them. */
export const useDepartments = defineStore('departments', () => {
  const known = shallowRef<Map<string, Department> | null>(null)
  let asked: Promise<void> | null = null

  async function fetchAll(): Promise<void> {
    const page = await directory.departments()
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

  const knownOf = (key: string): Department | undefined => known.value?.get(key)

  /** The name; nothing before the names are loaded. */
  function nameOf(key: string | null): string {
    if (!key) return ''
    load().catch(() => undefined)
    return knownOf(key)?.name ?? ''
  }

  /** The names from the top down to this one: `研发部 / 平台组`. */
  function pathOf(key: string): string[] {
    const names: string[] = []
    const seen = new Set<string>()
    for (let at = knownOf(key); at && !seen.has(at.key); at = knownOf(at.parent ?? '')) {
      seen.add(at.key)
      names.unshift(at.name)
    }
    return names
  }

  async function all(): Promise<Department[]> {
    await load()
    return [...(known.value?.values() ?? [])]
  }

  return { nameOf, pathOf, all }
})
