import { ref, shallowRef } from 'vue'

import { toApiError, type ApiError } from '@/api/errors'
import { createIntent } from '@/lib/browser/intent'

/**
 * Something a person does once: a second click while it runs is ignored, and trying the same again
 * after a lost answer carries the same idempotency key.
 */
export function useAct<Args extends unknown[], Result>(
  run: (key: string, ...args: Args) => Promise<Result>,
) {
  const pending = ref(false)
  const error = shallowRef<ApiError | null>(null)
  const intent = createIntent()

  /** The answer, or null when it was refused (see `error`) or already under way. */
  async function act(...args: Args): Promise<Result | null> {
    if (pending.value) return null
    pending.value = true
    error.value = null
    try {
      const result = await run(intent.keyFor(...args), ...args)
      intent.done()
      return result
    } catch (thrown) {
      error.value = toApiError(thrown)
      if (!error.value.unanswered) intent.done()
      return null
    } finally {
      pending.value = false
    }
  }

  return { pending, error, act }
}
