import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { playServer } from '@/testing/server'
import { aTask, aTicket } from '@/testing/ticket'

import DecisionPanel from './DecisionPanel.vue'

afterEach(() => {
  vi.unstubAllGlobals()
  document.body.replaceChildren()
})

function panel(task = aTask(), phone = false) {
  const props = { ticket: aTicket({ tasks: [task] }), task, nodeName: '直属上级', phone }
  const wrapper = mount(DecisionPanel, { props, attachTo: document.body })
  return { wrapper, at: (id: string) => wrapper.find(`[data-testid="decision-${id}"]`) }
}

describe('DecisionPanel', () => {
  it('approves with the words, the version and the digest on the screen', async () => {
    const calls = playServer([200, aTicket({ state: 'executing' })])
    const { wrapper, at } = panel()
    await at('comment').setValue('窗口期内可以')
    await at('approve').trigger('click')
    await flushPromises()
    const body = { comment: '窗口期内可以', ticket_version: 4, digest: 'd1' }
    expect(calls[0]).toMatchObject({ url: '/api/v1/tasks/7/approve', body })
    expect(wrapper.emitted('done')).toHaveLength(1)
  })

  it('does not return anything without a reason', async () => {
    const calls = playServer([200, aTicket()])
    const { wrapper, at } = panel()
    await at('return').trigger('click')
    expect(calls).toHaveLength(0)
    expect(wrapper.get('[role="alert"]').text()).toContain('请写一句原因')
  })

  it('asks once more before a veto, and only then sends it', async () => {
    const calls = playServer([200, aTicket({ state: 'vetoed' })])
    const { wrapper, at } = panel()
    await at('veto').trigger('click')
    expect(calls).toHaveLength(0)
    await wrapper.get('[data-testid="dialog-comment"]').setValue('不批')
    await wrapper.get('[data-testid="dialog-confirm"]').trigger('click')
    await flushPromises()
    expect(calls[0]?.url).toBe('/api/v1/tasks/7/veto')
    expect(calls).toHaveLength(1)
  })

  it('offers what the node allows and nothing else', () => {
    const { at } = panel(aTask({ allowed_actions: ['confirm'] }))
    expect(at('confirm').exists()).toBe(true)
    expect(['approve', 'return', 'veto'].filter((verb) => at(verb).exists())).toEqual([])
  })

  it('hands on who was quicker: the panel itself will be gone', async () => {
    playServer([409, { code: 'task_already_decided', detail: '14:09 已由 grace 处理。' }])
    const { wrapper, at } = panel()
    await at('approve').trigger('click')
    await flushPromises()
    expect(wrapper.emitted('outdated')).toEqual([['14:09 已由 grace 处理。']])
  })

  it('keeps what hurts behind a menu on a phone', async () => {
    const { wrapper, at } = panel(aTask(), true)
    expect(at('veto').exists()).toBe(false)
    await wrapper.get('[aria-expanded]').trigger('click')
    expect(at('veto').exists()).toBe(true)
  })
})
