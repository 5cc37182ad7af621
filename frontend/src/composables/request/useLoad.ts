import { onScopeDispose, ref, shallowRef, watch, type WatchSource } from 'vue'

import { toApiError, type ApiError } from '@/api/errors'

/**
 * One resource for a page: `data`, `error`, `loading`, and `reload`.
 *
 * Loads at once and whenever `source` changes; an outdated answer is dropped. A quiet reload keeps the current
 * data on the screen, also if it fails.
 */
export function useLoad<T>(fetcher: () => Promise<T>, source?: WatchSource) {
  const data = shallowRef<T | null>(null)
  const error = shallowRef<ApiError | null>(null)
  const loading = ref(false)
  let turn = 0

  async function reload(quiet = false): Promise<void> {
    const mine = ++turn
    loading.value = !quiet
    try {
      const found = await fetcher()
      if (mine !== turn) return
      data.value = found
      error.value = null
    } catch (thrown) {
      if (mine === turn && !(quiet && data.value)) error.value = toApiError(thrown)
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  if (source) {
    watch(source, () => {
      data.value = null
      void reload()
    })
  }
  onScopeDispose(() => (turn = -1))
  void reload()
  return { data, error, loading, reload }
}
