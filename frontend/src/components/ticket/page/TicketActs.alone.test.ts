import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, describe, expect, it, vi } from 'vitest'

import type { Me, Ticket } from '@/api/types'
import { useSession } from '@/stores/session'
import { playServer } from '@/testing/server'
import { aTicket } from '@/testing/ticket'

import TicketActs from './TicketActs.vue'

vi.mock('vue-router', () => ({ useRouter: () => ({ push: vi.fn() }) }))
afterEach(() => {
  vi.unstubAllGlobals()
  document.body.replaceChildren()
})

function acts(parts: Partial<Ticket>, username = 'alice') {
  const pinia = createPinia()
  useSession(pinia).me = { username } as Me
  return mount(TicketActs, {
    props: { ticket: aTicket(parts) },
    global: { plugins: [pinia] },
    attachTo: document.body,
  })
}

describe('TicketActs', () => {
  it('shows nothing where nothing is allowed', () => {
    expect(acts({}).findAll('button, a')).toHaveLength(0)
  })

  it('warns of the sub-tickets that end with it before it withdraws', async () => {
    const calls = playServer([200, aTicket({ state: 'withdrawn' })])
    const child = { node: 's', title: '开端口' }
    const shown = acts({
      allowed_actions: ['withdraw'],
      children: [
        { ...child, number: 'P-1', state: 'approving' },
        { ...child, number: 'P-2', state: 'completed' },
      ],
    })
    await shown.get('[data-testid="ticket-withdraw"]').trigger('click')
    expect(shown.get('dialog').text()).toContain('1 个还没结束的子工单')
    expect(calls).toHaveLength(0)
    await shown.get('[data-testid="dialog-confirm"]').trigger('click')
    await flushPromises()
    expect(calls[0]?.url).toBe('/api/v1/tickets/CHG-20261120-0012/withdraw')
    expect(shown.emitted('changed')).toHaveLength(1)
  })

  it('asks an administrator why, who withdraws for somebody who has left', async () => {
    const calls = playServer([200, aTicket({ state: 'withdrawn' })])
    const shown = acts({ allowed_actions: ['withdraw'] }, 'admin')
    await shown.get('[data-testid="ticket-withdraw"]').trigger('click')
    await shown.get('[data-testid="dialog-confirm"]').trigger('click')
    await flushPromises()
    expect(calls).toHaveLength(0)
    await shown.get('[data-testid="dialog-comment"]').setValue('已离职')
    await shown.get('[data-testid="dialog-confirm"]').trigger('click')
    await flushPromises()
    expect(calls[0]?.url).toBe('/api/v1/tickets/CHG-20261120-0012/withdraw')
  })
})
