import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'

import type { Field, Ticket } from '@/api/types'
import { forgetDrafts } from '@/lib/form/drafts'
import { aTicket } from '@/testing/ticket'
import { openView } from '@/testing/view'

import EditTicketView from './EditTicketView.vue'

afterEach(forgetDrafts)

const SERVICE: Field = { key: 'service', type: 'text', label: { zh: '服务' } }
function open(parts: Partial<Ticket>) {
  const ticket = aTicket({
    number: 'CHG-1',
    form: { service: 'mysql' },
    form_fields: [SERVICE],
    ...parts,
  })
  const nothing = {
    path: [],
    people: {},
    visible: ['service'],
    required: [],
    errors: [],
    values: {},
    plans: [],
  }
  return openView(
    EditTicketView,
    {
      at: '/tickets/CHG-1/edit',
      answers: {
        'GET tickets/CHG-1': ticket,
        'GET tickets/CHG-1/events': { results: [], people: {}, next: null },
        'POST templates/service-restart/simulate': nothing,
        'POST tickets/CHG-1/resubmit': ticket,
        'POST tickets/CHG-1/submit': ticket,
      },
    },
    { number: 'CHG-1' },
  )
}

describe('mending a ticket', () => {
  it('hands in what was changed, and goes back to the ticket', async () => {
    const { byHook, wrapper, asked, router } = await open({
      state: 'returned',
      allowed_actions: ['resubmit'],
    })
    expect(byHook('field-service').element).toHaveProperty('value', 'mysql')
    await byHook('field-service').setValue('nginx')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(asked('POST tickets/CHG-1/resubmit')[0]?.body).toEqual({ form: { service: 'nginx' } })
    expect(router.currentRoute.value.path).toBe('/tickets/CHG-1')
  })

  it('leaves the title of a draft to the server, unless somebody named it', async () => {
    const { wrapper, asked } = await open({ state: 'draft', allowed_actions: ['submit'] })
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(asked('POST tickets/CHG-1/submit')[0]?.body).toEqual({
      form: { service: 'mysql' },
      priority: 'normal',
    })
  })

  it('is only for whom the ticket is with', async () => {
    const { wrapper } = await open({ state: 'returned', allowed_actions: [] })
    expect(wrapper.find('form').exists()).toBe(false)
    expect(wrapper.text()).toContain('林悦')
  })
})
