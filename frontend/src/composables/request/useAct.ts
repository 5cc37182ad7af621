import { ref, shallowRef } from 'vue'

import { toApiError, type ApiError } from '@/api/errors'
import { createIntent } from '@/lib/browser/intent'

/**
 * An action that happens once: a second click while it runs is ignored, and a retry after a lost answer
 * uses the same idempotency key.
 */
export function useAct<Args extends unknown[], Result>(
  run: (key: string, ...args: Args) => Promise<Result>,
) {
  const pending = ref(false)
  const error = shallowRef<ApiError | null>(null)
  const intent = createIntent()

  /** The answer; null if it was refused (see `error`) or is already running. */
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
