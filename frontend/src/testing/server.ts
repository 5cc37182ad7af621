import { vi } from 'vitest'

interface Call {
  method: string
  url: string
  body: unknown
  headers: Headers
}
type Answer = [status: number, body: unknown] | 'no-answer'

/** A fake server: answers `fetch` from a list, in order, and records the requests. */
export function playServer(...answers: Answer[]) {
  const calls: Call[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const { body: sent } = init
    calls.push({
      url,
      method: init.method ?? 'GET',
      body: sent instanceof FormData ? sent : sent ? JSON.parse(String(sent)) : undefined,
      headers: init.headers as Headers,
    })
    const answer = answers.shift() ?? 'no-answer'
    if (answer === 'no-answer') throw new TypeError('Failed to fetch')
    const [status, body] = answer
    return new Response(status === 204 ? null : JSON.stringify(body), { status })
  })
  return calls
}
