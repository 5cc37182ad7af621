import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'

import { toApiError, type ApiError } from '@/api/errors'
import { templates, type Question } from '@/api/templates'
import type { Simulation } from '@/api/types'

/** With the way to the server and back it stays under the 300 ms after which a page feels slow. */
const PAUSE = 140

/**
 * Asks the server, while the form is typed, who would act, what would run and which fields show.
 *
 * Waits for a pause in the typing, cancels questions that were overtaken, and keeps the last answer
 * on the screen until the next one is here. The same question is never asked twice in a row.
 */
export function useSimulation(template: string, question: () => Question) {
  const simulation = shallowRef<Simulation | null>(null)
  const error = shallowRef<ApiError | null>(null)
  const asking = ref(false)
  const words = computed(() => JSON.stringify(question()))
  /** The question that the answer on the screen is about, and the one that was asked last. */
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

  /** Resolves when the answer on the screen is about what is typed now. */
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
