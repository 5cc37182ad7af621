import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick } from 'vue'

import { usePolling } from './usePolling'

async function see(state: DocumentVisibilityState) {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state)
  document.dispatchEvent(new Event('visibilitychange'))
  await nextTick()
}

describe('polling', () => {
  const refresh = vi.fn(() => Promise.resolve())
  let wait: number | null
  let scope = effectScope()

  beforeEach(() => {
    vi.useFakeTimers()
    wait = 1000
    scope = effectScope()
    scope.run(() => usePolling(refresh, () => wait))
  })
  afterEach(() => {
    scope.stop()
    refresh.mockClear()
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  it('asks again after each answer, and no more once nobody listens', async () => {
    await vi.advanceTimersByTimeAsync(3000)
    expect(refresh).toHaveBeenCalledTimes(3)
    scope.stop()
    await vi.advanceTimersByTimeAsync(3000)
    expect(refresh).toHaveBeenCalledTimes(3)
  })

  it('looks every two seconds whether it is time to ask', async () => {
    wait = null
    await vi.advanceTimersByTimeAsync(3000)
    expect(refresh).not.toHaveBeenCalled()
    wait = 1000
    await vi.advanceTimersByTimeAsync(2000)
    expect(refresh).toHaveBeenCalled()
  })

  it('sleeps while nobody sees the page, and asks at once when it is seen again', async () => {
    await see('hidden')
    await vi.advanceTimersByTimeAsync(9000)
    expect(refresh).not.toHaveBeenCalled()
    await see('visible')
    expect(refresh).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(2000)
    expect(refresh).toHaveBeenCalledTimes(3)
  })
})
