import { describe, expect, it, vi } from 'vitest'

import { afterPress } from './press'

const point = (type: string) => document.dispatchEvent(new Event(type))

describe('afterPress', () => {
  it('acts at once where nothing is pressed', () => {
    const act = vi.fn()
    afterPress(act)
    expect(act).toHaveBeenCalledOnce()
  })

  it.each(['pointerup', 'pointercancel'])('waits for %s, and acts once', (ending) => {
    vi.useFakeTimers()
    const act = vi.fn()
    point('pointerdown')
    afterPress(act)
    vi.runAllTimers()
    expect(act).not.toHaveBeenCalled()
    point(ending)
    point(ending)
    vi.runAllTimers()
    expect(act).toHaveBeenCalledOnce()
    vi.useRealTimers()
  })
})
