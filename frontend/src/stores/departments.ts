import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

import { directory, type Department } from '@/api/directory'

/** The names behind department keys, fetched once when a page first needs them. */
export const useDepartments = defineStore('departments', () => {
  const known = shallowRef<Map<string, string> | null>(null)
  let asked = false

  async function load(): Promise<void> {
    asked = true
    const page = await directory.departments().catch(() => null)
    if (page) known.value = new Map(page.results.map((one: Department) => [one.key, one.name]))
    else asked = false
  }

  /** The name; nothing until the names are here. */
  function nameOf(key: string | null): string {
    if (!key) return ''
    if (!asked) void load()
    return known.value?.get(key) ?? ''
  }

  return { nameOf }
})
