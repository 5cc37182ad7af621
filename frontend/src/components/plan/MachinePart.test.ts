import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { playServer } from '@/testing/server'

import MachinePart from './MachinePart.vue'

afterEach(() => vi.unstubAllGlobals())

async function opened() {
  const wrapper = mount(MachinePart, { props: { number: 'CHG-1', node: 'run' } })
  const folded = wrapper.get('details').element as HTMLDetailsElement
  folded.open = true // which fires the event by itself
  await flushPromises()
  return wrapper
}

describe('MachinePart', () => {
  it('asks the server only once it is opened, and shows every part as text (A27)', async () => {
    const text = '<img src=x onerror=alert(1)>\\u202e'
    const calls = playServer([200, { parts: [{ kind: 'argv', title: 'ansible-playbook', text }] }])
    mount(MachinePart, { props: { number: 'CHG-1', node: 'run' } })
    expect(calls).toHaveLength(0)
    const wrapper = await opened()
    expect(calls[0]?.url).toBe('/api/v1/tickets/CHG-1/plans/run/machine')
    expect(wrapper.get('pre').text()).toBe(text)
    expect(wrapper.find('img').exists()).toBe(false)
    expect(wrapper.get('figcaption').text()).toContain('命令')
  })

  it('says what went wrong, and asks again', async () => {
    const calls = playServer(
      [500, { code: 'internal_error', title: 'Broken' }],
      [200, { parts: [] }],
    )
    const wrapper = await opened()
    await wrapper.get('button').trigger('click')
    await flushPromises()
    expect(calls).toHaveLength(2)
    expect(wrapper.find('button').exists()).toBe(false)
  })
})
