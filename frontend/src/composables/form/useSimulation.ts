import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'

import { toApiError, type ApiError } from '@/api/errors'
import { templates, type Question } from '@/api/templates'
import type { Simulation } from '@/api/types'

/** Together with the round trip this stays below the 300 ms after which a page feels slow. */
const PAUSE = 140

/**
 * Asks the server, while the form is filled in, who would act, what would run and which fields are shown.
 *
 * Waits for a pause in typing, cancels outdated requests, and keeps the last answer on the screen until the
 * next one arrives. The same request is never sent twice in a row.
 */
export function useSimulation(template: string, question: () => Question) {
  const simulation = shallowRef<Simulation | null>(null)
  const error = shallowRef<ApiError | null>(null)
  const asking = ref(false)
  const words = computed(() => JSON.stringify(question()))
  /** The input of the answer on the screen, and of the last request. */
  const answeredFor = ref('')
  let askedFor = ''
  let timer = 0
  let running: AbortController | null = null

  async function ask(): Promise<void> {
    running?.abort()
    const mine = (running = new AbortController())
    asking.value = true
    const about = (askedFor = words.value)
    try {
      const answer = await templates.simulate(template, question(), mine.signal)
      if (mine.signal.aborted) return
      answeredFor.value = about
      simulation.value = answer
      error.value = null
    } catch (thrown) {
      if (!mine.signal.aborted) error.value = toApiError(thrown)
    } finally {
      if (running === mine) asking.value = false
    }
  }

  /** Resolves when the answer on the screen is for the current input. */
  let answered: Promise<void> = Promise.resolve()
  function askNow(): Promise<void> {
    window.clearTimeout(timer)
    timer = 0
    return (answered = ask())
  }
  const settled = (): Promise<void> => (askedFor === words.value ? answered : askNow())

  watch(words, () => {
    window.clearTimeout(timer)
    timer = 0
    if (words.value !== askedFor) timer = window.setTimeout(() => void askNow(), PAUSE)
  })
  onScopeDispose(() => {
    window.clearTimeout(timer)
    running?.abort()
  })
  void askNow()
  const isCurrent = computed(() => answeredFor.value === words.value)
  return { simulation, isCurrent, error, asking, ask: askNow, settled }
}
