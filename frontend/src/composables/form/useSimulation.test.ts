import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, ref } from 'vue'

import type { FormValues } from '@/api/types'
import { playServer } from '@/testing/server'

import { useSimulation } from './useSimulation'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const answer = (node: string) => ({
  path: [{ node }],
  people: {},
  visible: [],
  errors: [],
  plans: [],
})

describe('useSimulation', () => {
  it('asks at once, and once more after a pause in the typing', async () => {
    const calls = playServer([200, answer('a')], [200, answer('b')])
    const values = ref<FormValues>({})
    const scope = effectScope()
    const simulating = scope.run(() => useSimulation('restart', () => ({ form: values.value })))
    await flushPromises()
    for (const typed of ['m', 'my', 'mysql']) {
      values.value = { service: typed }
      await vi.advanceTimersByTimeAsync(60)
    }
    expect(calls).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(300)
    expect(calls).toHaveLength(2)
    expect(calls[1]?.body).toEqual({ form: { service: 'mysql' } })
    expect(simulating?.simulation.value?.path[0]?.node).toBe('b')
    scope.stop()
  })

  it('does not make a submit wait for the pause', async () => {
    const calls = playServer([200, answer('a')], [200, answer('b')])
    const values = ref<FormValues>({})
    const scope = effectScope()
    const simulating = scope.run(() => useSimulation('restart', () => ({ form: values.value })))
    await flushPromises()
    values.value = { service: 'mysql' }
    await vi.advanceTimersByTimeAsync(0)
    await simulating?.settled()
    expect(calls).toHaveLength(2)
    expect(simulating?.simulation.value?.path[0]?.node).toBe('b')
    scope.stop()
  })

  it('asks within 150 ms of the last letter, and never the same thing twice', async () => {
    const calls = playServer([200, answer('a')], [200, answer('b')])
    const values = ref<FormValues>({ service: 'mysql' })
    const scope = effectScope()
    scope.run(() => useSimulation('restart', () => ({ form: values.value })))
    await flushPromises()
    values.value = { service: 'mysql' }
    await vi.advanceTimersByTimeAsync(1000)
    expect(calls).toHaveLength(1)
    values.value = { service: 'nginx' }
    await vi.advanceTimersByTimeAsync(150)
    expect(calls).toHaveLength(2)
    scope.stop()
  })

  it('lets the latest question win, whichever answer comes first', async () => {
    const waiting: ((body: object) => void)[] = []
    vi.stubGlobal('fetch', (_url: string, init: RequestInit) => {
      return new Promise<Response>((resolve, reject) => {
        waiting.push((body) => resolve(new Response(JSON.stringify(body), { status: 200 })))
        init.signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError')))
      })
    })
    const values = ref<FormValues>({})
    const scope = effectScope()
    const simulating = scope.run(() => useSimulation('restart', () => ({ form: values.value })))
    await flushPromises()
    values.value = { service: 'mysql' }
    await vi.advanceTimersByTimeAsync(150)
    waiting[1]?.(answer('new'))
    waiting[0]?.(answer('old'))
    await flushPromises()
    expect(simulating?.simulation.value?.path[0]?.node).toBe('new')
    expect(simulating?.isCurrent.value).toBe(true)
    scope.stop()
  })

  it('keeps the last answer when the next question fails', async () => {
    playServer([200, answer('a')], 'no-answer')
    const values = ref<FormValues>({})
    const scope = effectScope()
    const simulating = scope.run(() => useSimulation('restart', () => ({ form: values.value })))
    await flushPromises()
    await simulating?.ask()
    expect(simulating?.simulation.value?.path[0]?.node).toBe('a')
    expect(simulating?.error.value?.unanswered).toBe(true)
    scope.stop()
  })
})
