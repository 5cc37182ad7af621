import { afterEach, describe, expect, it, vi } from 'vitest'

import { playServer } from '@/testing/server'

import { useDecision } from './useDecision'

afterEach(() => vi.unstubAllGlobals())

const TARGET = { task: 7, version: 4, digest: 'sha256:9c41' }

function decision() {
  const hooks = { onDone: vi.fn(), onOutdated: vi.fn() }
  return { ...hooks, ...useDecision(TARGET, hooks) }
}

describe('useDecision', () => {
  it('sends a double click once, with the version and the digest that were on the screen', async () => {
    const calls = playServer([200, { number: 'CHG-1' }])
    const { decide, onDone } = decision()
    await Promise.all([decide('approve', ' ok '), decide('approve', ' ok ')])
    expect(calls).toHaveLength(1)
    expect(calls[0]?.url).toBe('/api/v1/tasks/7/approve')
    expect(calls[0]?.body).toEqual({ comment: 'ok', ticket_version: 4, digest: 'sha256:9c41' })
    expect(onDone).toHaveBeenCalledOnce()
  })

  it('shows who was quicker, and has the page looked at again', async () => {
    const detail = '这个任务 14:09 已由 grace 代 frank 通过。不用再处理。'
    playServer([409, { code: 'task_already_decided', detail }])
    const { decide, error, onDone, onOutdated } = decision()
    expect(await decide('approve', '')).toBe(false)
    expect(error.value?.message).toBe(detail)
    expect(onOutdated).toHaveBeenCalledOnce()
    expect(onDone).not.toHaveBeenCalled()
  })

  it('tries again with the same key when the answer was lost', async () => {
    const calls = playServer('no-answer', [200, { number: 'CHG-1' }])
    const { decide, onDone } = decision()
    await decide('approve', 'ok')
    await decide('approve', 'ok')
    const keys = calls.map((call) => call.headers.get('Idempotency-Key'))
    expect(keys[0]).toBeTruthy()
    expect(keys[0]).toBe(keys[1])
    expect(onDone).toHaveBeenCalledOnce()
  })

  it('takes a new key for another decision', async () => {
    const calls = playServer('no-answer', [200, { number: 'CHG-1' }])
    const { decide } = decision()
    await decide('approve', 'ok')
    await decide('return', 'not like this')
    const keys = calls.map((call) => call.headers.get('Idempotency-Key'))
    expect(keys[0]).not.toBe(keys[1])
  })
})
