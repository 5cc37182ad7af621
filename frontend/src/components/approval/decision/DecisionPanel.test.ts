import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { forgetDrafts } from '@/lib/form/drafts'
import { playServer } from '@/testing/server'
import { aTask, aTicket } from '@/testing/ticket'

import DecisionPanel from './DecisionPanel.vue'

afterEach(() => {
  forgetDrafts()
  vi.unstubAllGlobals()
  document.body.replaceChildren()
})

function panel(task = aTask(), phone = false) {
  const props = { ticket: aTicket({ tasks: [task] }), task, nodeName: '直属上级', phone }
  const global = { plugins: [createPinia()] }
  const wrapper = mount(DecisionPanel, { props, global, attachTo: document.body })
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

  it('brings a refusal into sight, and words for a second one', async () => {
    const seen: string[] = []
    Element.prototype.scrollIntoView = function () {
      seen.push(this.textContent.trim())
    }
    const refused = { code: 'too_many_requests', detail: '请 15 秒后再试。' }
    playServer([429, refused], [429, refused])
    const { at } = panel(aTask(), true)
    for (const times of [1, 2]) {
      await at('approve').trigger('click')
      await flushPromises()
      expect(seen).toEqual(Array(times).fill('请 15 秒后再试。'))
    }
  })

  it('returns to whom was chosen, and never without a reason', async () => {
    const calls = playServer([200, aTicket()])
    const { wrapper, at } = panel(aTask({ return_to: [{ node: 'boss', name: '主管' }] }))
    await at('return').trigger('click')
    await wrapper.get('[data-testid="choice-boss"]').setValue(true)
    await wrapper.get('[data-testid="choice-here"]').setValue(true)
    await wrapper.get('[data-testid="dialog-confirm"]').trigger('click')
    expect(calls).toHaveLength(0)
    expect(wrapper.get('[role="alert"]').text()).toContain('请写一句原因')
    await wrapper.get('[data-testid="dialog-comment"]').setValue('缺回退方案')
    await wrapper.get('[data-testid="dialog-confirm"]').trigger('click')
    await flushPromises()
    expect(calls[0]?.url).toBe('/api/v1/tasks/7/return')
    expect(calls[0]?.body).toMatchObject({ comment: '缺回退方案', to: 'boss', resume: 'here' })
  })

  it('takes back only a signature that is still missing', async () => {
    const calls = playServer([200, aTicket()])
    const task = aTask({ allowed_actions: ['remove_sign'], removable: ['carol'] })
    const added = { added_to: 7, position: 'before' } as const
    const tasks = [
      task,
      aTask({ id: 8, assignee: 'carol', ...added }),
      aTask({ id: 9, assignee: 'dave', state: 'approved', ...added }),
    ]
    const props = { ticket: aTicket({ tasks }), task, nodeName: '', phone: true }
    const wrapper = mount(DecisionPanel, { props, attachTo: document.body })
    expect(wrapper.text()).toContain('你请 carol 先签')
    await wrapper.get('[aria-expanded]').trigger('click')
    await wrapper.get('[data-testid="decision-remove_sign"]').trigger('click')
    expect(wrapper.find('[data-testid="signer-dave"]').exists()).toBe(false)
    await wrapper.get('[data-testid="dialog-confirm"]').trigger('click')
    await flushPromises()
    expect(calls[0]?.url).toBe('/api/v1/tasks/7/remove_sign')
    expect(calls[0]?.body).toEqual({ comment: '', users: ['carol'] })
  })

  it('sends a corrected field along with the approval, after showing what changes', async () => {
    const calls = playServer([200, aTicket()])
    const task = aTask({ editable: ['reason'] })
    const ticket = aTicket({
      tasks: [task],
      form: { reason: '重启', risk: '低' },
      form_fields: [
        { key: 'reason', type: 'text', label: '原因' },
        { key: 'risk', type: 'text', label: '风险' },
      ],
    })
    const wrapper = mount(DecisionPanel, {
      props: { ticket, task, nodeName: '' },
      global: { plugins: [createPinia()] },
      attachTo: document.body,
    })
    await wrapper.get('[data-testid="edit-fields"]').trigger('click')
    expect(wrapper.text()).not.toContain('风险')
    await wrapper.get('[data-testid="edited-fields"] input').setValue('换机')
    expect(wrapper.get('[data-testid="diff-reason"]').text()).toMatch(/重启.*→.*换机/)
    await wrapper.get('[data-testid="decision-approve"]').trigger('click')
    await flushPromises()
    expect(calls[0]?.body).toMatchObject({ form: { reason: '换机' }, digest: 'd1' })
  })

  it('keeps what was typed where a log-in comes in between, and forgets it once it is decided', async () => {
    playServer([401, { code: 'not_authenticated', detail: '' }], [200, aTicket()])
    const first = panel()
    await first.at('comment').setValue('看过了')
    await first.at('return').trigger('click')
    await first.wrapper.get('[data-testid="dialog-comment"]').setValue('缺回退方案')
    first.wrapper.unmount()
    const second = panel()
    const words = second.wrapper.get('[data-testid="dialog-comment"]')
    expect((words.element as HTMLTextAreaElement).value).toBe('缺回退方案')
    expect((second.at('comment').element as HTMLTextAreaElement).value).toBe('看过了')
    await second.wrapper.get('[data-testid="dialog-confirm"]').trigger('click')
    await flushPromises()
    second.wrapper.unmount()
    const third = panel()
    await third.wrapper.get('[data-testid="dialog-confirm"]').trigger('click')
    await flushPromises()
    third.wrapper.unmount()
    const fourth = panel()
    expect((fourth.at('comment').element as HTMLTextAreaElement).value).toBe('')
    expect(fourth.wrapper.find('[data-testid="dialog-comment"]').exists()).toBe(false)
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

  it('says for whom before anything is decided', () => {
    const { wrapper } = panel(aTask({ acting_for: 'bob' }))
    expect(wrapper.get('[data-testid="acting-for"]').text()).toBe('代 周博')
    expect(panel().wrapper.find('[data-testid="acting-for"]').exists()).toBe(false)
    const phone = panel(aTask({ acting_for: 'bob' }), true).wrapper
    expect(phone.get('[data-testid="buttons-for"]').text()).toBe('代 周博')
  })

  it('says that somebody else must sign, and why', () => {
    const task = aTask({ acting_for: 'bob', signed: true, allowed_actions: ['return', 'veto'] })
    const { wrapper, at } = panel(task)
    expect(wrapper.get('[data-testid="decision-signed"]').text()).toContain('周博 本人来签')
    expect(at('approve').exists()).toBe(false)
    const props = { ticket: aTicket(), task: aTask(), nodeName: '', leftBy: 'alice' }
    const own = mount(DecisionPanel, { props, global: { plugins: [createPinia()] } })
    expect(own.get('[data-testid="decision-left"]').text()).toContain('林悦 在这一步已代别人签过')
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
