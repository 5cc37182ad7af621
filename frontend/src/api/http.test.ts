import { afterEach, describe, expect, it, vi } from 'vitest'

import { playServer } from '@/testing/server'

import { ApiError } from './errors'
import { http, onLoggedOut, urlOf } from './http'
import { serverAnswers } from './reach'

afterEach(() => vi.unstubAllGlobals())

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => expect.fail('was not refused'),
    (thrown: unknown) => thrown as ApiError,
  )

describe('http', () => {
  it('sends the CSRF token and the idempotency key with what changes something', async () => {
    document.cookie = 'csrftoken=s3cret'
    const calls = playServer([200, {}])
    await http.post('tickets', { body: { template: 'x' }, key: 'k-1' })
    expect(calls[0]?.headers.get('X-CSRFToken')).toBe('s3cret')
    expect(calls[0]?.headers.get('Idempotency-Key')).toBe('k-1')
    expect(calls[0]?.body).toEqual({ template: 'x' })
  })

  it('leaves empty filters out of the address', () => {
    expect(urlOf('tickets', { box: 'todo', q: '', cursor: null })).toBe('/api/v1/tickets?box=todo')
  })

  it('hands over what the problem says: words for people, code for programs, paths for fields', async () => {
    const errors = [{ path: 'form.hosts', code: 'required', message: '至少选一台主机。' }]
    playServer([422, { code: 'invalid', detail: '表单有 1 处要改。', errors }])
    const error = await refusal(http.post('tickets'))
    expect(error).toBeInstanceOf(ApiError)
    expect([error.status, error.code, error.message]).toEqual([422, 'invalid', '表单有 1 处要改。'])
    expect(error.errors).toEqual(errors)
    expect(error.unanswered).toBe(false)
  })

  it('says something sensible where a proxy answers in its own way', async () => {
    playServer([502, '<html>Bad gateway</html>'])
    const error = await refusal(http.get('me'))
    expect(error.message).toBe('服务器出错了。')
    expect(error.unanswered).toBe(true)
  })

  it('tells a dead network from a refusal', async () => {
    playServer('no-answer')
    const error = await refusal(http.get('me'))
    expect(['offline', 'unreachable']).toContain(error.code)
    expect(error.unanswered).toBe(true)
  })

  it('says that pressing again is safe where a key makes it so', async () => {
    playServer('no-answer', 'no-answer')
    expect((await refusal(http.post('tasks/7/approve', { key: 'k-1' }))).message).toContain(
      '再点一次',
    )
    expect((await refusal(http.get('me'))).message).not.toContain('再点一次')
  })

  it('knows whether the server answered when it was asked last', async () => {
    playServer('no-answer', [503, ''], [404, {}])
    for (const answers of [false, false, true]) {
      await refusal(http.get('me'))
      expect(serverAnswers.value).toBe(answers)
    }
  })

  it('says once that the session is gone, but not for a wrong password', async () => {
    const gone = vi.fn()
    onLoggedOut(gone)
    playServer([401, { code: 'bad_credentials' }], [401, { code: 'not_authenticated' }])
    await refusal(http.post('auth/login'))
    expect(gone).not.toHaveBeenCalled()
    await refusal(http.get('tickets'))
    expect(gone).toHaveBeenCalledOnce()
  })
})
