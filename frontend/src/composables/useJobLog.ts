import { onScopeDispose, ref, shallowRef } from 'vue'

import { toApiError, type ApiError } from '@/api/errors'
import { jobs } from '@/api/jobs'

const PACE = 1000

/** The log of a job from its beginning, growing while the job runs. */
export function useJobLog(id: number) {
  const text = ref('')
  const done = ref(false)
  const error = shallowRef<ApiError | null>(null)
  let offset = 0
  let timer = 0
  let stopped = false

  async function follow(): Promise<void> {
    try {
      const part = await jobs.log(id, offset)
      if (stopped) return
      text.value += part.text
      error.value = null
      done.value = part.done
      const grew = part.next_offset > offset
      offset = part.next_offset
      if (!part.done || grew) timer = window.setTimeout(() => void follow(), grew ? 50 : PACE)
    } catch (thrown) {
      error.value = toApiError(thrown)
      if (!stopped && error.value.unanswered)
        timer = window.setTimeout(() => void follow(), 3 * PACE)
    }
  }

  /** From the beginning once more: the job runs again. */
  function restart(): void {
    window.clearTimeout(timer)
    text.value = ''
    offset = 0
    done.value = false
    void follow()
  }

  onScopeDispose(() => {
    stopped = true
    window.clearTimeout(timer)
  })
  void follow()
  return { text, done, error, restart }
}
