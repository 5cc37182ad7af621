import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { playServer } from '@/testing/server'

import HostImport from './HostImport.vue'

afterEach(() => {
  vi.unstubAllGlobals()
  document.body.replaceChildren()
})

const outcome = (dry_run: boolean) => ({
  dry_run,
  created: 1,
  updated: 1,
  unchanged: 0,
  missing: 2,
  changes: [
    { name: 'web-01', change: 'created', changes: [] },
    {
      name: 'db-01',
      change: 'updated',
      changes: [{ field: 'address', before: '10.0.0.1', after: '10.0.0.2' }],
    },
  ],
  missing_names: ['old-01', 'old-02'],
  has_more: false,
  warnings: [
    { path: 'line 3.address', code: 'shared_address', message: 'web-01 和 db-01 同一地址' },
  ],
})
const open = () => mount(HostImport, { attachTo: document.body })

describe('HostImport', () => {
  it('shows what would change, and changes it only then', async () => {
    const calls = playServer([200, outcome(true)], [200, outcome(false)])
    const shown = open()
    await shown.get('[data-testid="import-text"]').setValue('web-01')
    await shown.get('[data-testid="import-preview"]').trigger('click')
    await flushPromises()
    expect(calls[0]?.body).toEqual({ text: 'web-01', dry_run: true })
    expect(shown.emitted('done')).toBeUndefined()
    for (const words of ['10.0.0.1', '10.0.0.2', '同一地址', 'old-01', '现在还什么都没改'])
      expect(shown.text()).toContain(words)
    await shown.get('[data-testid="import-run"]').trigger('click')
    await flushPromises()
    expect(calls[1]?.body).toEqual({ text: 'web-01', dry_run: false })
    expect(shown.emitted('done')).toHaveLength(1)
  })

  it('sends a file as it is, whatever its encoding', async () => {
    const calls = playServer([200, outcome(true)])
    const shown = open()
    const file = new File([new Uint8Array([0xd6, 0xf7])], '主机.csv')
    const input = shown.get<HTMLInputElement>('[data-testid="import-file"]')
    Object.defineProperty(input.element, 'files', { value: [file] })
    await input.trigger('change')
    await shown.get('[data-testid="import-preview"]').trigger('click')
    await flushPromises()
    expect(calls[0]?.url).toBe('/api/v1/hosts/import?dry_run=true')
    expect((calls[0]?.body as FormData).get('file')).toMatchObject({ name: '主机.csv', size: 2 })
    expect(calls[0]?.headers.has('Content-Type')).toBe(false)
  })

  it('tells line by line what cannot be read', async () => {
    const errors = [{ path: 'line 2.name', code: 'bad_host_name', message: '名字不行' }]
    playServer([422, { code: 'invalid', detail: '有错误', errors }])
    const shown = open()
    await shown.get('[data-testid="import-text"]').setValue('x')
    await shown.get('[data-testid="import-preview"]').trigger('click')
    await flushPromises()
    expect(shown.get('.findings').text()).toContain('line 2.name')
    expect(shown.find('[data-testid="import-run"]').exists()).toBe(false)
  })
})
