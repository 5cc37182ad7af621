import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'

import type { Source } from '@/api/sources'
import { playServer } from '@/testing/server'

import SourceDialog from './SourceDialog.vue'

afterEach(() => {
  vi.unstubAllGlobals()
  document.body.replaceChildren()
})

const SOURCE: Partial<Source> = { id: 3, name: 'prod', kind: 'table', path: 'prod.csv', site: '' }

describe('SourceDialog', () => {
  it('only tells, unless somebody lets it change hosts by itself', async () => {
    const calls = playServer([201, {}])
    const wrapper = mount(SourceDialog, { props: { source: null }, attachTo: document.body })
    await wrapper.get('[data-testid="source-name"]').setValue(' prod ')
    await wrapper.get('[data-testid="source-path"]').setValue('prod/hosts.ini')
    expect(wrapper.find('[data-testid="source-most"]').exists()).toBe(false)
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(calls[0]?.body).toEqual({
      name: 'prod',
      kind: 'ansible',
      path: 'prod/hosts.ini',
      site: '',
      interval_min: 60,
      applies: false,
      most_changes: 50,
      is_active: true,
    })
    expect(wrapper.emitted('done')).toHaveLength(1)
  })

  it('says at the field what the server refuses', async () => {
    const errors = [{ path: 'path', code: 'bad_path', message: 'A path names a file.' }]
    playServer([422, { code: 'invalid', detail: 'Not valid.', errors }])
    const source = { ...SOURCE, interval_min: 5, applies: true, most_changes: 7, is_active: true }
    const wrapper = mount(SourceDialog, {
      props: { source: source as Source },
      attachTo: document.body,
    })
    expect(wrapper.find('[data-testid="source-most"]').exists()).toBe(true)
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(wrapper.text()).toContain('A path names a file.')
    expect(wrapper.text()).not.toContain('Not valid.')
    expect(wrapper.emitted('done')).toBeUndefined()
  })
})
