import { useDocumentVisibility, useTimeoutPoll } from '@vueuse/core'
import { watch } from 'vue'

const NOT_NOW = 2000

/**
 * Calls `refresh` repeatedly, `interval()` milliseconds after the last answer.
 *
 * Pauses while the page is hidden, and calls at once when it becomes visible. An interval of `null` means not now;
 * it is evaluated again after two seconds.
 */
export function usePolling(refresh: () => Promise<unknown>, interval: () => number | null) {
  const visibility = useDocumentVisibility()

  async function turn() {
    if (interval() !== null) await refresh()
  }
  const { pause, resume } = useTimeoutPoll(turn, () => interval() ?? NOT_NOW, {
    immediate: visibility.value === 'visible',
  })
  watch(visibility, (now) => {
    pause()
    if (now !== 'visible') return
    void turn()
    resume()
  })
}
