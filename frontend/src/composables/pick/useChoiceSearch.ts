import { onScopeDispose, ref, shallowRef, watch } from 'vue'

import { toApiError, type ApiError } from '@/api/errors'
import type { Choice, ChoiceSource } from '@/components/pick/choices'

const PAUSE = 120

/** The options for the text in `q` while `open`: requested after a pause in typing; only the latest answer counts. */
export function useChoiceSearch(source: ChoiceSource) {
  const q = ref('')
  const open = ref(false)
  const found = shallowRef<Choice[] | null>(null)
  const error = shallowRef<ApiError | null>(null)
  const active = ref(0)
  let timer = 0
  let asking: AbortController | null = null

  async function ask(): Promise<void> {
    asking?.abort()
    const mine = (asking = new AbortController())
    error.value = null
    try {
      const choices = await source(q.value.trim(), mine.signal)
      if (mine !== asking) return
      found.value = choices
      active.value = 0
    } catch (thrown) {
      if (mine === asking) error.value = toApiError(thrown)
    }
  }

  watch([q, open], ([, isOpen], [, wasOpen]) => {
    window.clearTimeout(timer)
    if (isOpen && wasOpen) timer = window.setTimeout(() => void ask(), PAUSE)
    else if (isOpen) void ask()
  })

  /** Moves the highlight by `step`, within the list. */
  function move(step: number): void {
    const last = (found.value?.length ?? 0) - 1
    active.value = Math.max(0, Math.min(last, active.value + step))
  }

  onScopeDispose(() => {
    window.clearTimeout(timer)
    asking?.abort()
    asking = null
  })
  return { q, open, found, error, active, ask, move }
}
