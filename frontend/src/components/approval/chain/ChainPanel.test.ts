import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, describe, expect, it, vi } from 'vitest'

import type { Ticket, TicketEvent } from '@/api/types'
import { aNode, aStep, inBranch } from '@/testing/chain'
import { playServer } from '@/testing/server'
import { aTask, aTicket } from '@/testing/ticket'

import ChainPanel from './ChainPanel.vue'

afterEach(() => {
  vi.unstubAllGlobals()
  document.body.replaceChildren()
})

const panel = (ticket: Ticket, events: TicketEvent[] = []) =>
  mount(ChainPanel, {
    props: { ticket, events },
    global: { plugins: [createPinia()] },
    attachTo: document.body,
  })

const PEOPLE = { alice: { name: '林悦' }, bob: { name: '周博' }, dave: { name: '戴维' } }

describe('ChainPanel', () => {
  it('draws each branch of a fork under its name', () => {
    const shown = panel(
      aTicket({
        nodes: [
          aNode('f', { type: 'parallel', name: '会审' }),
          aNode('a', { within: [inBranch('f', 0, '技术')] }),
        ],
        tasks: [aTask({ node: 'a' })],
        upcoming: [aStep('b', { within: [inBranch('f', 1)] })],
      }),
    )
    const branches = shown.get('[data-testid="fork-f"]').findAll('section')
    expect(branches.map((branch) => branch.get('h3').text())).toEqual(['技术', '分支 2'])
    expect(branches[0]?.find('[data-testid="step-a/1"]').exists()).toBe(true)
    expect(branches[1]?.find('[data-testid="step-b/ahead"]').exists()).toBe(true)
  })

  it('tells through whose hands a seat went and who was asked to sign beside it', () => {
    const at = '2026-11-20T14:30:00+08:00'
    const shown = panel(
      aTicket({
        people: PEOPLE,
        nodes: [aNode('leader')],
        tasks: [
          aTask({ id: 1, assignee: 'bob', state: 'transferred', decided_at: at }),
          aTask({ id: 2, assignee: 'dave', created_at: at }),
          aTask({ id: 3, assignee: 'erin', added_to: 2, position: 'after', created_at: at }),
        ],
      }),
    )
    const people = shown.findAll('.person').map((line) => line.get('.name').text())
    expect(people).toEqual(['周博 → 戴维', 'erin'])
    expect(shown.get('.added').text()).toContain('后加签')
  })

  it('says why a step was passed without asking', () => {
    const data = { node: 'boss', round: 1, reason: { zh: 'bob 已经审批过同样的内容' } }
    const passed: TicketEvent = {
      seq: 3,
      at: '2026-11-20T14:02:00+08:00',
      kind: 'task.passed',
      actor: null,
      on_behalf_of: null,
      data,
      hash: '',
    }
    const nodes = [aNode('boss', { state: 'skipped', outcome: 'passed' })]
    expect(panel(aTicket({ nodes }), [passed]).text()).toContain('已经审批过同样的内容')
  })

  it('says aloud that nobody can act, and lets only an administrator seat others', async () => {
    const stuck = { nodes: [aNode('leader', { name: '直属上级' })] }
    const plain = panel(aTicket(stuck))
    expect(plain.get('[role="alert"]').text()).toContain('现在没有人能处理')
    expect(plain.find('[data-testid="reassign-leader"]').exists()).toBe(false)

    const found = { username: 'dave', name: '戴维', department: null }
    const calls = playServer([200, { results: [found], next: null }], [200, aTicket()])
    const admin = panel(aTicket({ ...stuck, allowed_actions: ['reassign'] }))
    await admin.get('[data-testid="reassign-leader"]').trigger('click')
    await vi.waitUntil(() => admin.find('[data-testid="people-input"]').exists(), {
      timeout: 10_000,
    })
    await admin.get('[data-testid="people-input"]').trigger('focus')
    await vi.waitUntil(() => admin.find('[data-testid="person-option-dave"]').exists())
    await admin.get('[data-testid="person-option-dave"]').trigger('click')
    await admin.get('[data-testid="dialog-comment"]').setValue('bob 已离职')
    await admin.get('[data-testid="dialog-confirm"]').trigger('click')
    await flushPromises()
    expect(calls.at(-1)).toMatchObject({
      url: '/api/v1/tickets/CHG-20261120-0012/reassign',
      body: { node: 'leader', users: ['dave'], comment: 'bob 已离职' },
    })
    expect(admin.emitted('changed')).toHaveLength(1)
  })

  it('folds earlier rounds under the newest one', () => {
    const shown = panel(
      aTicket({
        nodes: [
          aNode('leader', { state: 'done' }),
          aNode('leader', { round: 2, opened_at: '2026-11-20T12:00:00Z' }),
        ],
        tasks: [aTask({ id: 1, state: 'approved' }), aTask({ id: 2, round: 2 })],
      }),
    )
    const step = shown.get('[data-testid="step-leader/2"]')
    expect(step.text()).toContain('第 2 轮')
    expect(step.get('details').find('[data-testid="step-leader/1"]').exists()).toBe(true)
  })
})
