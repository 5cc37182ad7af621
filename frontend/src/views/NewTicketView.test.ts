import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'

import { forgetDrafts } from '@/lib/form/drafts'
import { openView, refused, type Reply } from '@/testing/view'

import NewTicketView from './NewTicketView.vue'

const TEMPLATE = {
  key: 'service-restart',
  name: { zh: '服务重启' },
  description: { zh: '重启一个服务。' },
  form: [{ key: 'service', type: 'text', label: { zh: '服务' }, required: true }],
}
const SIMULATION = {
  path: [],
  people: {},
  visible: ['service'],
  required: ['service'],
  errors: [],
  values: {},
  plans: [],
}
afterEach(forgetDrafts)

const open = (answer: Reply) =>
  openView(
    NewTicketView,
    {
      at: '/templates/service-restart/new',
      answers: {
        'GET templates/service-restart': TEMPLATE,
        'POST templates/service-restart/simulate': SIMULATION,
        'POST tickets': answer,
      },
    },
    { template: 'service-restart' },
  )

describe('a new ticket', () => {
  it('hands in what was typed, once, and goes to the ticket', async () => {
    const { wrapper, byHook, asked, router } = await open({ number: 'CHG-1' })
    expect(wrapper.get('h1').text()).toBe('服务重启')
    await byHook('field-service').setValue('mysql')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(asked('POST tickets')).toHaveLength(1)
    expect(asked('POST tickets')[0]).toMatchObject({
      body: { template: 'service-restart', form: { service: 'mysql' }, priority: 'normal' },
      key: expect.stringMatching(/.{16,}/),
    })
    expect(router.currentRoute.value.path).toBe('/tickets/CHG-1')
  })

  it('says at the field what is wrong with it, and keeps what was typed', async () => {
    const errors = [{ path: 'form.service', code: 'pattern', message: '没有这个服务。' }]
    const { wrapper, byHook, router } = await open(() =>
      refused(400, { code: 'invalid', detail: '请改正表单。', errors }),
    )
    await byHook('field-service').setValue('mysqk')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(wrapper.text()).toContain('没有这个服务。')
    expect(byHook('field-service').element).toHaveProperty('value', 'mysqk')
    expect(router.currentRoute.value.path).toBe('/templates/service-restart/new')
  })

  it('is there again, half filled, after a look at another page', async () => {
    const first = await open({ number: 'CHG-1' })
    await first.byHook('field-service').setValue('ngi')
    first.wrapper.unmount()
    const { byHook } = await open({ number: 'CHG-1' })
    expect(byHook('field-service').element).toHaveProperty('value', 'ngi')
  })
})
