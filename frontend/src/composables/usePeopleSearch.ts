import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'

import type { Person } from '@/api/directory'
import { toApiError, type ApiError } from '@/api/errors'
import { usePeople } from '@/stores/people'

const PAUSE = 150

/** People by what is typed in `q`, while `open`: asked after a short pause, overtaken answers dropped. */
export function usePeopleSearch(excluded: () => string[]) {
  const people = usePeople()
  const q = ref('')
  const open = ref(false)
  const answer = shallowRef<Person[] | null>(null)
  const error = shallowRef<ApiError | null>(null)
  const active = ref(0)
  let timer = 0
  let asking: AbortController | null = null

  const found = computed(() => {
    const out = new Set(excluded())
    return answer.value?.filter((person) => !out.has(person.username)) ?? null
  })

  async function ask(): Promise<void> {
    asking?.abort()
    const mine = (asking = new AbortController())
    try {
      const results = await people.search(q.value.trim(), mine.signal)
      if (mine !== asking) return
      answer.value = results
      error.value = null
      active.value = 0
    } catch (thrown) {
      if (mine === asking) error.value = toApiError(thrown)
    }
  }

  watch([q, open], ([, isOpen], [, wasOpen]) => {
    window.clearTimeout(timer)
    if (isOpen) timer = window.setTimeout(ask, wasOpen ? PAUSE : 0)
  })

  /** Moves the highlighted person by `step`, staying inside the list. */
  function move(step: number): void {
    const last = (found.value?.length ?? 0) - 1
    active.value = Math.max(0, Math.min(last, active.value + step))
  }

  onScopeDispose(() => {
    window.clearTimeout(timer)
    asking?.abort()
    asking = null
  })
  return { q, open, found, error, active, move, ask }
}
