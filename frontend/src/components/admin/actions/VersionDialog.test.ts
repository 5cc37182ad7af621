import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { playServer } from '@/testing/server'

import VersionDialog from './VersionDialog.vue'

afterEach(() => {
  vi.unstubAllGlobals()
  document.body.replaceChildren()
})
const open = (verb: 'release' | 'withdraw') =>
  mount(VersionDialog, {
    props: { action: 'service.restart', version: 'abc', verb },
    attachTo: document.body,
  })

describe('VersionDialog', () => {
  it('releases with or without a note', async () => {
    const calls = playServer([200, {}])
    const shown = open('release')
    await shown.get('[data-testid="dialog-confirm"]').trigger('click')
    await flushPromises()
    expect(calls[0]).toMatchObject({
      url: '/api/v1/actions/service.restart/versions/abc/release',
      body: { note: '' },
    })
    expect(shown.emitted('done')).toHaveLength(1)
  })

  it('wants to know why a version is withdrawn, and recalls only where somebody says so', async () => {
    const calls = playServer([200, {}])
    const shown = open('withdraw')
    await shown.get('[data-testid="dialog-confirm"]').trigger('click')
    expect(calls).toHaveLength(0)
    await shown.get('[data-testid="dialog-comment"]').setValue('会删错文件')
    await shown.get('[data-testid="version-recall"]').setValue()
    await shown.get('[data-testid="dialog-confirm"]').trigger('click')
    await flushPromises()
    expect(calls[0]?.body).toEqual({ note: '会删错文件', recall: true })
  })
})
