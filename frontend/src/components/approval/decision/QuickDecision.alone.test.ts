import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, describe, expect, it, vi } from 'vitest'

import type { MyTask } from '@/api/types'
import { playServer } from '@/testing/server'
import { aMyTask, aPlan, aPlanLine, aRow, aTicket } from '@/testing/ticket'

import QuickDecision from './QuickDecision.vue'

const push = vi.fn()
vi.mock('vue-router', () => ({ useRouter: () => ({ push }) }))
afterEach(() => {
  vi.unstubAllGlobals()
  push.mockReset()
  document.body.replaceChildren()
})

function quick(parts: Partial<MyTask> = {}) {
  const task = aMyTask(parts)
  return mount(QuickDecision, {
    props: { row: aRow({ my_tasks: [task] }), task },
    global: { plugins: [createPinia()], stubs: { RouterLink: { template: '<a><slot /></a>' } } },
    attachTo: document.body,
  })
}
const NUMBER = aTicket().number
const APPROVE = `[data-testid="quick-approve-${NUMBER}"]`

describe('QuickDecision', () => {
  it('says yes at once to what runs nothing, with what the row showed', async () => {
    const calls = playServer([200, aTicket()])
    await quick().get(APPROVE).trigger('click')
    await flushPromises()
    expect(calls.map(({ url }) => url)).toEqual(['/api/v1/tasks/7/approve'])
    expect(calls[0]?.body).toMatchObject({ digest: 'd1', ticket_version: 4 })
  })

  it('puts what would run on the screen first, with the digest that is signed', async () => {
    const calls = playServer([200, aTicket({ plans: [aPlan] })], [200, aTicket()])
    const wrapper = quick({ plans: [aPlanLine] })
    await wrapper.get(APPROVE).trigger('click')
    await flushPromises()
    expect(calls).toHaveLength(1)
    expect(wrapper.get('dialog').text()).toContain('service.restart@abc')
    expect(wrapper.get('[data-testid="plan-digest"]').text()).toBe('d1')
    await wrapper.get('[data-testid="plan-approve"]').trigger('click')
    await flushPromises()
    expect(calls[1]?.body).toMatchObject({ digest: 'd1' })
  })

  it('asks for another look where the ticket is another than its row', async () => {
    const calls = playServer([200, aTicket({ digest: 'd2', plans: [aPlan] })])
    const wrapper = quick({ plans: [aPlanLine] })
    await wrapper.get(APPROVE).trigger('click')
    await flushPromises()
    expect(wrapper.emitted('outdated')).toHaveLength(1)
    expect(wrapper.find('dialog').exists()).toBe(false)
    expect(calls).toHaveLength(1)
  })

  it.each([{ one_by_one: true }, { signed: true }])(
    'leads to the page, by button and by key: %o',
    async (parts) => {
      const calls = playServer()
      const wrapper = quick(parts)
      expect(wrapper.find(APPROVE).exists()).toBe(false)
      expect(wrapper.get(`[data-testid="quick-details-${NUMBER}"]`).text()).toBe('详情')
      await wrapper.vm.forward()
      expect(push).toHaveBeenCalledWith(`/tickets/${NUMBER}`)
      expect(calls).toHaveLength(0)
    },
  )
})
