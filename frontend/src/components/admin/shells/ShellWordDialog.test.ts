import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, describe, expect, it, vi } from 'vitest'

import type { ShellWord } from '@/api/shells'
import { playServer } from '@/testing/server'

import ShellWordDialog from './ShellWordDialog.vue'

afterEach(() => {
  vi.unstubAllGlobals()
  document.body.replaceChildren()
})

const TEMPLATE = {
  key: 'incident',
  name: 'Incident',
  form: [
    { key: 'what', type: 'textarea', label: 'What', required: true },
    { key: 'hosts', type: 'hosts', label: 'Hosts', required: true },
    { key: 'note', type: 'text', label: 'Note' },
  ],
}
const WORD = {
  id: 7,
  pattern: 'rm -rf /',
  group: null,
  template: 'incident',
  applicant: 'erin',
  form: { what: { from: 'command' }, gone: { from: 'all' } },
  tell: [{ role: 'sre' }, { user: 'frank' }],
  is_active: true,
}
const GROUPS = { results: [], next: null }

async function open(word: unknown, ...answers: [number, unknown][]) {
  const calls = playServer(...answers)
  const wrapper = mount(ShellWordDialog, {
    props: { word: word as ShellWord | null },
    attachTo: document.body,
    global: { plugins: [createPinia()], stubs: { PeoplePicker: true, RolePicker: true } },
  })
  await flushPromises()
  return { calls, wrapper }
}

describe('ShellWordDialog', () => {
  it('makes a rule that opens no ticket of a text alone', async () => {
    const { calls, wrapper } = await open(null, [200, GROUPS], [201, {}])
    await wrapper.get('[data-testid="word-pattern"]').setValue(' useradd ')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(calls.at(-1)?.body).toEqual({
      pattern: 'useradd',
      group: null,
      tell: [],
      template: '',
      applicant: null,
      form: {},
      is_active: true,
    })
    expect(wrapper.emitted('done')).toHaveLength(1)
  })

  it('keeps of the form what the template still has, and says at its field what is refused', async () => {
    const errors = [{ path: 'form.hosts', code: 'required', message: 'Say how it is filled.' }]
    const { calls, wrapper } = await open(
      WORD,
      [200, GROUPS],
      [200, TEMPLATE],
      [422, { code: 'invalid', detail: 'Not valid.', errors }],
    )
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(calls.at(-1)?.body).toMatchObject({
      tell: [{ role: 'sre' }, { user: 'frank' }],
      template: 'incident',
      applicant: 'erin',
      form: { what: { from: 'command' } },
    })
    expect(wrapper.text()).toContain('Say how it is filled.')
    expect(wrapper.text()).not.toContain('Not valid.')
    await wrapper.get('[data-testid="fill-hosts"]').setValue('host')
    expect(wrapper.get<HTMLSelectElement>('[data-testid="fill-hosts"]').element.value).toBe('host')
    expect(wrapper.emitted('done')).toBeUndefined()
  })
})
