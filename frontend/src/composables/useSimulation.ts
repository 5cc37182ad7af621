import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'

import { toApiError, type ApiError } from '@/api/errors'
import { templates } from '@/api/templates'
import type { FormValues, Simulation } from '@/api/types'
import { withoutEmpty } from '@/lib/formValues'

const PAUSE = 220

/**
 * Asks the server, while the form is typed, who would act, what would run and which fields show.
 *
 * Waits for a pause in the typing, cancels questions that were overtaken, and keeps the last answer
 * on the screen until the next one is here.
 */
export function useSimulation(template: string, values: Ref<FormValues>) {
  const simulation = shallowRef<Simulation | null>(null)
  const error = shallowRef<ApiError | null>(null)
  const asking = ref(false)
  /** The values that the answer on the screen is about. */
  const answeredFor = shallowRef<FormValues | null>(null)
  let timer = 0
  let running: AbortController | null = null

  async function ask(): Promise<void> {
    running?.abort()
    const mine = (running = new AbortController())
    asking.value = true
    const about = values.value
    try {
      simulation.value = await templates.simulate(template, withoutEmpty(about), mine.signal)
      answeredFor.value = about
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
  const settled = (): Promise<void> => (timer ? askNow() : answered)

  watch(values, () => {
    window.clearTimeout(timer)
    timer = window.setTimeout(() => void askNow(), PAUSE)
  })
  onScopeDispose(() => {
    window.clearTimeout(timer)
    running?.abort()
  })
  void askNow()
  const isCurrent = computed(() => answeredFor.value === values.value)
  return { simulation, isCurrent, error, asking, ask: askNow, settled }
}
