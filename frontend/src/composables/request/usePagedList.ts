import { computed, ref, shallowRef, watch, type WatchSource } from 'vue'

import { toApiError, type ApiError } from '@/api/errors'
import type { Page } from '@/api/types'

/**
 * A list that grows by "load more". `fetchPage` gets the cursor, or null for the first page.
 *
 * A change of `source` starts again; answers to older requests are dropped.
 */
export function usePagedList<T>(
  fetchPage: (cursor: string | null) => Promise<Page<T>>,
  source?: WatchSource,
) {
  const items = shallowRef<T[]>([])
  const error = shallowRef<ApiError | null>(null)
  const loading = ref(false)
  const loaded = ref(false)
  const next = ref<string | null>(null)
  let turn = 0

  async function fetchFrom(cursor: string | null): Promise<void> {
    const mine = ++turn
    loading.value = true
    try {
      const page = await fetchPage(cursor)
      if (mine !== turn) return
      items.value = cursor ? [...items.value, ...page.results] : page.results
      next.value = page.next
      error.value = null
      loaded.value = true
    } catch (thrown) {
      if (mine === turn) error.value = toApiError(thrown)
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  const reload = () => fetchFrom(null)
  async function more(): Promise<void> {
    if (next.value && !loading.value) await fetchFrom(next.value)
  }

  if (source) {
    watch(source, () => {
      items.value = []
      loaded.value = false
      next.value = null
      void reload()
    })
  }
  void reload()
  return {
    items,
    error,
    loading,
    loaded,
    hasMore: computed(() => next.value !== null),
    more,
    reload,
  }
}
