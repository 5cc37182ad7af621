import { onScopeDispose } from 'vue'

/**
 * Calls `refresh` again and again, `interval()` milliseconds after the last answer.
 *
 * Sleeps while the page is hidden and looks at once when it is seen again. `null` means not now:
 * asked again after two seconds.
 */
export function usePolling(refresh: () => Promise<unknown>, interval: () => number | null) {
  let timer = 0
  let stopped = false

  function plan() {
    window.clearTimeout(timer)
    if (!stopped && !document.hidden) timer = window.setTimeout(turn, interval() ?? 2000)
  }

  async function turn() {
    if (interval() !== null) await refresh()
    plan()
  }

  function whenSeen() {
    window.clearTimeout(timer)
    if (!document.hidden) void turn()
  }

  document.addEventListener('visibilitychange', whenSeen)
  onScopeDispose(() => {
    stopped = true
    window.clearTimeout(timer)
    document.removeEventListener('visibilitychange', whenSeen)
  })
  plan()
}
