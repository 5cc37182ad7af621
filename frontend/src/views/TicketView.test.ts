import { flushPromises } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'

import { aNode } from '@/testing/chain'
import { aTask, aTicket } from '@/testing/ticket'
import { openView, refused, type Reply } from '@/testing/view'

import TicketView from './TicketView.vue'

const NUMBER = 'CHG-20261120-0012'
const PATH = `tickets/${NUMBER}`
const TRAIL = {
  results: [
    {
      seq: 1,
      at: '2026-11-20T14:02:00+08:00',
      kind: 'ticket.submitted',
      actor: 'alice',
      on_behalf_of: null,
      data: {},
      hash: '',
    },
  ],
  people: { alice: { name: '林悦' } },
  next: null,
}
const mine = () => aTicket({ tasks: [aTask()], nodes: [aNode('leader')] })

const open = (answers: Record<string, Reply>) =>
  openView(
    TicketView,
    { at: `/${PATH}`, answers: { [`GET ${PATH}/events`]: TRAIL, ...answers } },
    { number: NUMBER },
  )

describe('the page of a ticket', () => {
  it('shows what is asked, what happened, and asks for no decision of others', async () => {
    const { wrapper, byHook } = await open({
      [`GET ${PATH}`]: aTicket({
        form: { service: 'mysql' },
        form_fields: [{ key: 'service', type: 'text', label: { zh: '服务' } }],
      }),
    })
    expect(byHook('ticket-number').text()).toBe(NUMBER)
    expect(byHook('ticket-state').text()).toContain('审批中')
    expect(wrapper.text()).toContain('服务')
    expect(wrapper.text()).toContain('mysql')
    expect(byHook('timeline').text()).toMatch(/林悦\s提交了工单/)
    expect(wrapper.find('[data-testid="decision-approve"]').exists()).toBe(false)
  })

  it('sends what was on the screen with a decision, and shows what came of it', async () => {
    let now = mine()
    const { wrapper, byHook, asked } = await open({
      [`GET ${PATH}`]: () => now,
      'POST tasks/7/approve': () => (now = aTicket({ state: 'completed', version: 5 })),
    })
    await byHook('decision-comment').setValue(' 窗口期内可以 ')
    await byHook('decision-approve').trigger('click')
    await flushPromises()
    expect(asked('POST tasks/7/approve')[0]?.body).toEqual({
      comment: '窗口期内可以',
      ticket_version: 4,
      digest: 'd1',
    })
    expect(byHook('ticket-state').text()).toContain('完成')
    expect(wrapper.find('[data-testid="decision-approve"]').exists()).toBe(false)
  })

  it('says who was quicker', async () => {
    const { byHook, asked } = await open({
      [`GET ${PATH}`]: mine(),
      'POST tasks/7/approve': refused(409, { code: 'outdated', detail: '已由 grace 通过。' }),
    })
    await byHook('decision-approve').trigger('click')
    await flushPromises()
    expect(byHook('decision-outdated').text()).toContain('已由 grace 通过。')
    expect(asked(`GET ${PATH}`)).toHaveLength(2)
  })

  it('leads away from a number that is none', async () => {
    const detail = '没有这张工单。'
    const { wrapper } = await open({
      [`GET ${PATH}`]: () => refused(404, { code: 'not_found', detail }),
    })
    expect(wrapper.get('[role="alert"]').text()).toContain(detail)
    expect(wrapper.get('[role="alert"]').text()).toContain('工作台')
  })
})
