import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { vi } from 'vitest'
import { defineComponent, h, type Component } from 'vue'
import { createMemoryHistory, createRouter, RouterView } from 'vue-router'

import type { Me } from '@/api/types'
import { useSession } from '@/stores/session'

interface Call {
  /** Method and path, as in `answers`. */
  what: string
  query: Record<string, string>
  body: unknown
  key: string | null
  match: string | null
}
/** A body, or an error: its status and problem. */
export type Reply = object | ((call: Call) => object)
export const refused = (status: number, problem: object = {}) =>
  new Response(JSON.stringify({ status, ...problem }), { status })

/** An answer that does not come. */
export const silence: Reply = () => new Promise(() => undefined)

const ME: Me = {
  username: 'bob',
  name: '周博',
  email: '',
  department: null,
  is_admin: false,
  roles: [],
  permissions: [],
  language: 'zh-hans',
  counts: { todo: 1, mine: 0, cc: 0 },
  acting_for: [],
  proxies: [],
}

function bodyOf({ body, headers }: RequestInit): unknown {
  const type = new Headers(headers).get('Content-Type')
  return body && type === 'application/json' ? JSON.parse(String(body)) : (body ?? undefined)
}

function answering(answers: Record<string, Reply>) {
  const calls: Call[] = []
  vi.stubGlobal('fetch', async (address: string, init: RequestInit = {}) => {
    const url = new URL(address, 'http://baton.test')
    const call: Call = {
      what: `${init.method ?? 'GET'} ${url.pathname.replace('/api/v1/', '')}`,
      query: Object.fromEntries(url.searchParams),
      body: bodyOf(init),
      key: new Headers(init.headers).get('Idempotency-Key'),
      match: new Headers(init.headers).get('If-Match'),
    }
    calls.push(call)
    const answer = answers[call.what]
    if (!answer) return refused(404, { code: 'not_found', detail: `${call.what}?` })
    const said =
      typeof answer === 'function' ? await (answer as (call: Call) => object)(call) : answer
    return said instanceof Response ? said : new Response(JSON.stringify(said), { status: 200 })
  })
  return calls
}

/** A view at its URL: who is logged in, and what the server answers for each method and path. */
export async function openView(
  view: Component,
  { at, answers, me = {} }: { at: string; answers: Record<string, Reply>; me?: Partial<Me> },
  props: object = {},
) {
  const calls = answering({ 'GET me': { ...ME, ...me }, ...answers })
  const page = defineComponent({ render: () => h(view, props) })
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:rest(.*)*', component: page }],
  })
  const pinia = createPinia()
  useSession(pinia).me = { ...ME, ...me }
  await router.push(at)
  const wrapper = mount(RouterView, { global: { plugins: [pinia, router] } })
  await flushPromises()
  return {
    wrapper,
    router,
    calls,
    asked: (what: string) => calls.filter((call) => call.what === what),
    byHook: (hook: string) => wrapper.get(`[data-testid="${hook}"]`),
  }
}
